"""Tests of `vtj_pipeline/alarms`, against real servers of mail and HTTP."""
