"""The search language (docs/search-language.md): parsing what the user types, and writing it again."""

from safelight.core.field_types import Relation as Relation
from safelight.core.query.alternatives import alternatives as alternatives
from safelight.core.query.conditions import AfterCondition as AfterCondition
from safelight.core.query.conditions import BeforeCondition as BeforeCondition
from safelight.core.query.conditions import Condition as Condition
from safelight.core.query.conditions import DateRangeCondition as DateRangeCondition
from safelight.core.query.conditions import FlagCondition as FlagCondition
from safelight.core.query.conditions import NearCondition as NearCondition
from safelight.core.query.conditions import NumberCondition as NumberCondition
from safelight.core.query.conditions import ValueCondition as ValueCondition
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
from safelight.core.query.parser import parse as parse
from safelight.core.query.parser import restrict_query as restrict_query
from safelight.core.query.suggestions import DateSuggestion as DateSuggestion
from safelight.core.query.suggestions import suggest_dates as suggest_dates
