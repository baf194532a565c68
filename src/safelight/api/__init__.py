"""The Python interface to a library: ``from safelight import Library``. See docs/python.md."""

from safelight.api.library import Library as Library
from safelight.api.values import Changes as Changes
from safelight.api.values import Description as Description
from safelight.api.values import Doubtful as Doubtful
from safelight.api.values import Duplicate as Duplicate
from safelight.api.values import DuplicateSet as DuplicateSet
from safelight.api.values import Label as Label
from safelight.api.values import Match as Match
from safelight.api.values import PhotoInfo as PhotoInfo
from safelight.api.values import PhotoVectors as PhotoVectors
from safelight.api.values import Results as Results
from safelight.api.values import SavedQuery as SavedQuery
from safelight.api.values import Status as Status
from safelight.api.values import SuggestedTag as SuggestedTag
from safelight.api.values import TaughtConcept as TaughtConcept
from safelight.api.values import ThemeInfo as ThemeInfo
from safelight.api.values import Why as Why
from safelight.services.program_access import Access as Access
