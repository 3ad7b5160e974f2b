"""Parameters of disputes, and of the files that are their evidence."""

from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from domain.model.hashes import JsonObject
from parameters.fields import Boolean, Clear, Id, Metadata, OneOf, Text, invalid
from parameters.hashes import (
    CreatedRange,
    ListParameters,
    Parameters,
    Shaped,
    cleared,
    hash_of,
    list_of,
    required,
    text,
)
from parameters.uploads import Upload

EVIDENCE_TEXT_MAX = 20_000
"""Of one text. docs.stripe.com/api/disputes/update: the long ones "has a maximum character count of 20,000"."""

_WORDS = cleared(text(EVIDENCE_TEXT_MAX))

FILES = (
    "cancellation_policy", "customer_communication", "customer_signature", "duplicate_charge_documentation", "receipt",
    "refund_policy", "service_documentation", "shipping_documentation", "uncategorized_file",
)  # fmt: skip
"""Evidence that is a file: its id."""

TEXTS = (
    "access_activity_log", "billing_address", "cancellation_policy_disclosure", "cancellation_rebuttal",
    "customer_email_address", "customer_name", "customer_purchase_ip", "duplicate_charge_explanation",
    "duplicate_charge_id", "product_description", "refund_policy_disclosure", "refund_refusal_explanation",
    "service_date", "shipping_address", "shipping_carrier", "shipping_date", "shipping_tracking_number",
    "uncategorized_text",
)  # fmt: skip

_ADDRESS = hash_of(
    "evidence_address",
    **dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"), cleared(Text)),
)
_WHO = {
    **dict.fromkeys(
        ("customer_account_id", "customer_device_fingerprint", "customer_device_id", "customer_email_address",
         "customer_purchase_ip", "product_description"),
        cleared(Text),
    ),
    "shipping_address": _ADDRESS,
}  # fmt: skip
_ACKNOWLEDGED = hash_of("fee_acknowledgement", fee_acknowledged=Boolean)
_DISPUTED = hash_of(
    "disputed_transaction", merchandise_or_services=Annotated[str, OneOf("merchandise", "services")], **_WHO
)
_ENHANCED = hash_of(
    "enhanced_evidence",
    mastercard_compliance=_ACKNOWLEDGED,
    visa_compelling_evidence_3=hash_of(
        "compelling_evidence",
        disputed_transaction=_DISPUTED,
        prior_undisputed_transactions=list_of(hash_of("prior_transaction", charge=required(Id), **_WHO), 5),
    ),
    visa_compliance=_ACKNOWLEDGED,
)
_APPEAL = hash_of(
    "appeal", card=cleared(hash_of("appeal_card", reason_for_filing=_WORDS, supporting_files=cleared(list_of(Id, 10))))
)

EVIDENCE = Shaped(
    "evidence",
    **dict.fromkeys(TEXTS, _WORDS),
    **dict.fromkeys(FILES, cleared(Id)),
    appeal=cleared(_APPEAL),
    enhanced_evidence=cleared(_ENHANCED),
)


class DisputeUpdateParameters(Parameters):
    """Update a dispute. Evidence goes to the bank at once, unless `submit` says that it is only staged."""

    evidence: Annotated[JsonObject, EVIDENCE] | None = None
    intended_submission_method: (
        Annotated[str, OneOf("manual", "prefer_manual", "prefer_smart_disputes", "smart_disputes")] | None
    ) = None
    metadata: Annotated[Metadata | None, Clear] = None
    submit: Boolean = True


DISPUTE_EVIDENCE = "dispute_evidence"
"""What files are taken for here."""

PURPOSES = (
    "account_requirement", "additional_verification", "business_icon", "business_logo", "customer_signature",
    DISPUTE_EVIDENCE, "document_provider_identity_document", "finance_report_run", "financial_account_statement",
    "identity_document", "identity_document_downloadable", "issuing_regulatory_reporting", "pci_document",
    "platform_terms_of_service", "selfie", "sigma_scheduled_query", "tax_document_user_upload",
    "terminal_android_apk", "terminal_reader_splashscreen", "terminal_wifi_certificate", "terminal_wifi_private_key",
)  # fmt: skip
"""What files may be asked for by; of all the others there are none."""


class Uploaded:
    """The part of a multipart request that is a file."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Any part that is one; text is none."""
        del source, handler
        return core_schema.no_info_plain_validator_function(self._check)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonObject:
        """For the OpenAPI document."""
        del schema, handler
        return {"type": "string", "format": "binary"}

    def _check(self, value: object) -> Upload:
        if not isinstance(value, Upload):
            raise invalid("Invalid file: send it as a part of a multipart/form-data request, with its file name.")
        return value


class FileCreateParameters(Parameters):
    """Upload a file, by a multipart request."""

    file: Annotated[Any, Uploaded()]
    purpose: Annotated[str, OneOf(DISPUTE_EVIDENCE)]


class FilesListParameters(ListParameters):
    """List files."""

    created: CreatedRange | None = None
    purpose: Annotated[str, OneOf(*PURPOSES)] | None = None
