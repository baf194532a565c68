"""The search language (docs/search-language.md): parsing what the user types, and writing it again."""

from safelight.core.field_types import Relation as Relation
from safelight.core.query.alternatives import alternatives as alternatives
from safelight.core.query.conditions import After as After
from safelight.core.query.conditions import Before as Before
from safelight.core.query.conditions import Being as Being
from safelight.core.query.conditions import Condition as Condition
from safelight.core.query.conditions import During as During
from safelight.core.query.conditions import Measured as Measured
from safelight.core.query.conditions import Named as Named
from safelight.core.query.conditions import Near as Near
from safelight.core.query.conditions import condition_text as condition_text
from safelight.core.query.dates import PartialDate as PartialDate
from safelight.core.query.model import Filter as Filter
from safelight.core.query.model import Group as Group
from safelight.core.query.model import Like as Like
from safelight.core.query.model import Part as Part
from safelight.core.query.model import Phrase as Phrase
from safelight.core.query.model import Query as Query
from safelight.core.query.model import Term as Term
from safelight.core.query.model import Words as Words
from safelight.core.query.model import leaves as leaves
from safelight.core.query.parser import narrowed as narrowed
from safelight.core.query.parser import parse as parse
from safelight.core.query.suggestions import DateSuggestion as DateSuggestion
from safelight.core.query.suggestions import suggest_dates as suggest_dates
