"""The source interface (VTJ-muutosrajapinta) as this program calls it.

Add what is needed to ask the source and to recognise its answers. Keep out what an answer means
(`events/`) and where it is kept (`landing/`). The only package that asks over HTTP.
"""

from vtj_pipeline.source.client import LARGEST_CODE_LIST, SourceClient, open_source
from vtj_pipeline.source.messages import Answer
from vtj_pipeline.source.subscriptions import Subscription, load_subscriptions

__all__ = [
    "LARGEST_CODE_LIST",
    "Answer",
    "SourceClient",
    "Subscription",
    "load_subscriptions",
    "open_source",
]
