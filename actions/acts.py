"""Which acts open a form."""

from __future__ import annotations

FORM_OF_ACT = {
    "case_status": "case_status_form",
    "case_urge": "case_urge_form",
    "case_withdraw": "case_withdraw_form",
    "complain": "complaint_form",
    "report_loss": "loss_form",
}
"""The rules say so of whole messages, this table of what is only found on a closer look."""
