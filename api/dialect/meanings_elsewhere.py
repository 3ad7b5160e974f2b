"""What parameters are that no payment takes: of accounts, browsers' sessions, listeners, and evidence for disputes."""

ELSEWHERE = """
access_activity_log: When and from where the buyer has used what was sold
active_entitlements: What the list of what a customer has bought may show
annual_revenue: What the business takes in a year
app_distribution: A capability: asked for or not
appeal: What is said of an appeal against a decision
billing_address: The address that the bill was sent to
business_profile: What the business is, and how its customers reach it
business_type: `individual`, `company`, `non_profit` or `government_entity`
buy_button: What Stripe's buy button may do
cancellation_policy: A file: the terms of cancellation
cancellation_policy_disclosure: How and when the buyer was shown the terms of cancellation
cancellation_rebuttal: Why a cancellation does not hold
capabilities: What the account may do, each asked for or not
card_issuing: A capability: asked for or not
components: What each of Stripe's elements may do with the customer's methods
controller: Who is responsible for the account: for fees, losses, requirements, and its dashboard
customer_communication: A file: what was written to and fro
customer_email_address: The buyer's e-mail address
customer_name: The buyer's name
customer_portal: What Stripe's customer portal may do
customer_purchase_ip: From which IP address the buyer has bought
customer_session_client_secret: What a browser shows to use a customer's kept methods
customer_sheet: What the customer sheet of Stripe's mobile libraries may do
customer_signature: A file: what the buyer has signed
default_currency: In which currency the account is counted unless another is named
deferred_intent: What is going to be paid, where there is no intent yet
device_name: What the listener's machine is called
disputed_transaction: The payment that is disputed, as the network wants to hear of it
duplicate_charge_documentation: A file: that the other charge is another one
duplicate_charge_explanation: How the two charges differ
duplicate_charge_id: The other charge
enhanced_evidence: What networks take in a form of their own
estimated_worker_count: How many people work there
evidence: What speaks for the payment: texts, and files by their ids
features: What of it is on, each `enabled` or `disabled`
fee_acknowledged: Whether the network's fee is accepted
fees: Who pays what its payments cost
fiscal_year_end: When its year ends
forward_connect_to_url: Where events of connected accounts are sent on to
forward_thin_connect_to_url: Where thin events of connected accounts go: shown, and there are none here
forward_thin_to_url: Where thin events go: shown, and there are none here
forward_to_url: Where the listener sends events on to
intended_submission_method: How the evidence is to reach the bank
ip: From where it was agreed
losses: Who bears what the account cannot pay
mastercard_compliance: What Mastercard takes in a form of its own
mcc: What kind of business it is, by the networks' code
minority_owned_business_designation: Who owns the business
mobile_payment_element: What the payment element of Stripe's mobile libraries may do
monthly_estimated_revenue: What the business takes in a month
payer: Who pays: `account` or `application`
payment_element: What the Payment Element may do
payment_method_allow_redisplay_filters: Which kept methods are offered, by their `allow_redisplay`
payment_method_redisplay: Whether kept methods are offered
payment_method_redisplay_limit: How many kept methods are offered at most
payment_method_remove: Whether the buyer may remove a kept method
payment_method_save: Whether the buyer is asked whether a method is kept
payment_method_save_allow_redisplay_override: Whether a kept method may be offered again, whatever the buyer says
payment_method_save_usage: What a method that is kept is for: `on_session` or `off_session`
payments: Who bears it for payments
pricing_table: What Stripe's pricing table may do
prior_undisputed_transactions: Earlier payments of the same buyer that nobody disputes
product_description: What was sold
reason_for_filing: Why the decision is appealed against
receipt: A file: what the buyer was sent as a receipt
refund_policy: A file: the terms of refunds
refund_policy_disclosure: How and when the buyer was shown the terms of refunds
refund_refusal_explanation: Why there is no refund
requirement_collection: Who asks the account for what has to be known of it
service_agreement: Which terms it has agreed to
service_date: When it was done
service_documentation: A file: that it was done
shipping_address: Where it was sent to
shipping_carrier: Who has brought it
shipping_date: When it was sent
shipping_documentation: A file: that it was sent
shipping_tracking_number: The parcel's number
specified_commercial_transactions_act_url: Where the business says what Japanese law wants it to
stripe_dashboard: Which dashboard the account has
submit: Whether the evidence is sent to the bank now; it cannot be changed then
support_address: Where its customers write to
support_email: Where its customers send e-mail
support_phone: Where its customers call
support_url: Where its customers find help
supporting_files: Files by their ids
tax_reporting_us_1099_k: A capability: asked for or not
tax_reporting_us_1099_misc: A capability: asked for or not
tos_acceptance: When and from where the terms were agreed to
transfers: A capability: whether sending money to the account is asked for
treasury: A capability: asked for or not
uncategorized_file: A file: whatever else speaks for the payment
uncategorized_text: Whatever else speaks for the payment; `winning_evidence` and `losing_evidence` decide a test
visa_compelling_evidence_3: What Visa takes in a form of its own, of earlier payments
visa_compliance: What Visa takes in a form of its own, of its rules
websocket_features: What is listened to: `webhooks`, `request_logs`
"""
