"""Every hand-written case, from the modules of their subjects."""

from __future__ import annotations

from vtj_pipeline_tests.register.cases import Case
from vtj_pipeline_tests.register.cases_attributes import ATTRIBUTE_CASES
from vtj_pipeline_tests.register.cases_codes import CODE_CASES
from vtj_pipeline_tests.register.cases_columns import COLUMN_CASES
from vtj_pipeline_tests.register.cases_ends import END_CASES
from vtj_pipeline_tests.register.cases_family import FAMILY_CASES
from vtj_pipeline_tests.register.cases_fields import FIELD_CASES
from vtj_pipeline_tests.register.cases_lists import CITIZENSHIP_CASES
from vtj_pipeline_tests.register.cases_names import NAME_CASES
from vtj_pipeline_tests.register.cases_parents import PARENT_CASES
from vtj_pipeline_tests.register.cases_person import PERSON_CASES
from vtj_pipeline_tests.register.cases_place import MOVE_CASES
from vtj_pipeline_tests.register.cases_place_keys import PLACE_KEY_CASES
from vtj_pipeline_tests.register.cases_withheld import WITHHELD_CASES

CASES: tuple[Case, ...] = (
    *ATTRIBUTE_CASES,
    *CITIZENSHIP_CASES,
    *NAME_CASES,
    *PERSON_CASES,
    *CODE_CASES,
    *MOVE_CASES,
    *PLACE_KEY_CASES,
    *WITHHELD_CASES,
    *FAMILY_CASES,
    *PARENT_CASES,
    *COLUMN_CASES,
    *END_CASES,
    *FIELD_CASES,
)
