"""The library of the tests of the Python interface, served."""

from api.conftest import _arithmetic_model as _arithmetic_model
from api.conftest import colours as colours
from api.conftest import pristine as pristine
