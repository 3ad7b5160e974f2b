"""What each parameter is, in words: for the reference. By its name, which means the same wherever it is taken.

What an operation says of a parameter of its own (`Field(description=…)`) goes before. A test asks for words for each.
"""

from api.dialect.meanings_elsewhere import ELSEWHERE
from domain.methods.families import TYPES

_WORDS = """
accepted_at: When the buyer has agreed, in Unix seconds
account: Whose: an account's id
account_holder_name: Who holds the bank account
account_holder_type: `individual` or `company`
account_number: The bank account's number; Stripe's test numbers decide how it goes
account_subcategories: Which kinds of account may be linked: checking, savings
account_type: `checking` or `savings`
active: Whether only those that are in use are listed, or only those that are not
address: Street, city, postal code and country
address_city: City of the billing address
address_country: Country of the billing address: two letters
address_line1: First line of the billing address
address_line2: Second line of the billing address
address_state: State or province of the billing address
address_zip: Postal code of the billing address
afterpay_clearpay: What Afterpay or Clearpay takes
allow_redirects: `never` leaves out methods that send the buyer away; else a `return_url` is needed
allow_redisplay: Whether the method may be shown to its owner again: `always`, `limited` or `unspecified`
allowed_payment_method_types: Types that the buyer may pay with, of those that fit; left out, the account says which
amount: How much, in the currency's smallest unit: 1099 are $10.99, or ¥1,099
amount_details: What the amount consists of: lines, tax, shipping, discount, tip
amount_includes_iof: Whether the amount includes the Brazilian tax on it
amount_to_capture: How much of what is held is taken; the rest is released. All of it, if left out
amount_to_confirm: What the amount has to be: refused if it is another by now
amount_type: Whether later payments are of this amount (`fixed`) or at most of it (`maximum`)
amounts: The two sums that were sent to the account, in its smallest unit
api_version: In which version of Stripe's API what is sent there is written
application: Ignored: there are no applications here
application_fee: An older word for `application_fee_amount`
application_fee_amount: What the platform keeps of the payment, in the smallest unit; at most what is captured
ares_trans_status: How 3-D Secure elsewhere has ended
attach_to_self: Ignored: whether it is for the account itself
automatic_payment_methods: `enabled` offers whatever the account's configuration has and fits
average_amount: What a payment of the buyer's usually is, in the smallest unit
balance: What the customer is owed, in the smallest unit
bank: The buyer's bank, by its name
bank_account: A bank account's country, currency, holder and numbers
bank_code: The bank's number
bank_transfer: How the transfer is made, and of which country's kind
billing_agreement_id: An agreement that was made before
billing_details: Who pays: name, e-mail, phone and address
branch_code: The number of the bank's branch
bsb_number: The Australian bank's and branch's number
business_name: The customer's business
calculation: A calculation of tax: kept and shown
cancellation_reason: `duplicate`, `fraudulent`, `requested_by_customer` or `abandoned`
capture: `false` holds the money first
capture_method: `automatic`, `automatic_async`, or `manual`: hold now, take later
card: What a card takes: its data, or its options
card_present: What a card at a reader takes: kept and shown
carrier: Who brings the parcel
cash_balance: How the customer's cash balance is used
category: Which kind of ticket, trip or good it is
cb_avalgo: How Cartes Bancaires' 3-D Secure was made
cb_exemption: Why Cartes Bancaires did not ask
cb_score: What Cartes Bancaires' risk score was
charge: Of which charge: its id
city: City
client_secret: What a browser proves itself with
code: The code that the buyer's app shows
collection_method: How the mandate is collected
commodity_code: What kind of goods, by the network's code
confirm: Whether it is confirmed at once
confirmation_method: `automatic`, or `manual`: only a secret key confirms
confirmation_token: What the buyer's browser has collected, by its id
connect: Whether what happens to connected accounts is sent there, rather than what happens to one's own
count: How many parts
country: Two letters, as in ISO 3166
created: When: a Unix second, or `gt`, `gte`, `lt` and `lte`
cryptogram: The proof of 3-D Secure that was made elsewhere
currency: Three letters, as in ISO 4217: usd, eur, jpy
custom_mandate_url: Where the mandate can be read
customer: Whose: a customer's id
customer_acceptance: How the buyer has agreed to the mandate
customer_account: Ignored unless it is empty: an account that is a customer
customer_account_id: By what you know the buyer's account
customer_device_fingerprint: What the buyer's device is recognized by
customer_device_id: The buyer's device
customer_reference: What the buyer calls the order
cvc: The card's security code; it is looked at, and never kept
cvc_token: A token of the security code
date: When, in Unix seconds or as a date
day: Day of the month, from 1
days: How far back, in days
default_for: What the mandate is used for unless something else is said
default_payment_method: Which method is used unless another is named
delivery_success: `false`: those that no endpoint has taken; `true`: those that were taken
description: What it is for, in your words
descriptor_code: The code in the reference of the two sums (`SM…`)
destination: Which connected account
disabled: Whether nothing is sent there any more
discount_amount: How much less the line costs, in the smallest unit
display_preference: Whether the type is offered: `preference`
dob: Date of birth
domain_name: A host name, without scheme and path
electronic_commerce_indicator: What 3-D Secure elsewhere says of liability
email: An e-mail address
enabled: Whether it is on
enabled_events: Types of events that are sent there; `*` is all of them
end_date: When it ends, in Unix seconds or as a date
ending_before: The page before this id
enforce_arithmetic_validation: Whether lines that do not add up are refused
error_code: Those that were refused with this code
error_on_requires_action: Refuse, rather than ask the buyer for something
eu_bank_transfer: Of which country the bank account is
event: Of which event: its id
events: Which types of events are wanted; all, if none are named
excluded_payment_method_types: Types that are not offered
exp_month: The month until whose end the card is good
exp_year: The year, in four digits
expand: Ids that are answered as whole objects: `customer`, `latest_charge.balance_transaction`, `data.…` in lists
expires_at: Until when the code is good, in Unix seconds
expires_in: After how many seconds the key ends by itself
file: What is uploaded
filters: Which accounts may be linked
final_capture: Whether what is left is released; `false` keeps it for another capture
financial_connections: How bank accounts are linked
financial_connections_account: An account that was linked
flow_directions: Which way the money may go
for_stripecli: Whether it is Stripe's own command line that asks
fr_meal_voucher_conecs: What French meal vouchers take
fraud_details: `user_report`: what you know of the charge
from_postal_code: Where it is sent from
funding: Where the bank account's money comes from
funding_type: `bank_transfer`
gateway: At which gateway it was tried, by its name
hooks: What is done when it has been paid: kept and shown
iban: The bank account's international number
id: Which one, by its id
idempotency_key: Those that were sent under this key
image_url: Where a picture of the product is
individual_name: The customer's own name
infer_from_client: Whether address and browser are taken from the request
inputs: What a hook is given
installments: Whether it is paid in parts
institution_number: The Canadian bank's number
instructions_email: Where instructions are sent
interac_present: What Interac at a reader takes: kept and shown
interval: Day, week, month or year
interval_count: Every how many of them
interval_description: When payments are made, in words
invoice_settings: `default_payment_method`, and what is on invoices: kept and shown
ip_address: From where the buyer has agreed
kind: `secret`, `publishable` or `restricted`
lapsing_days: How soon a hold has to lapse to be named, in days
last4: The last digits of what it was paid with
limit: How many at most, from 1 to 100; some lists of the console take more
line1: Street and number
line2: Apartment, floor or the like
line_items: What is bought, line by line
mandate: An agreement that was made before, by its id
mandate_data: What the buyer agrees to
mandate_options: What the mandate that is made says
maximum_amount: At most how much a payment is, in the smallest unit
merchandise_or_services: `merchandise` or `services`
metadata: Up to 50 pairs of your own, `metadata[order]=6735`; an empty value takes one away
method: What it was paid with, or the HTTP method
minimum_amount: At least how much a payment is, in the smallest unit
month: Month, from 1
moto: Whether the card was read out by telephone or written in a letter
name: A name
network: Over which card network
network_options: What single card networks take
networks: Which card network the buyer prefers
next_billing: When it is billed next, and how much
number: The card's number; only test cards are taken with a test key
object: Those that are about this object, by its id
off_session: Whether the buyer is away: nobody can be asked for anything
offline: That the buyer has agreed elsewhere than online
on_behalf_of: For which connected account the payment is made: shown, and moves nothing
on_demand: How often, and how much, is bought on demand
online: From where, and by which browser, the buyer has agreed
operation: Those of one operation, `payment_intents.confirm`
order_reference: What you call the order
origin: `customer_balance`: money of a customer's cash balance goes back
overlap_seconds: For how many seconds the old one goes on working
page: Which page: `next_page` of the one before
parent: Ignored: whose bank account it is
path: Those of one path, `/v1/payment_intents`
pay_id: The PayID that is paid from
payment_details: What networks want to know of the order
payment_intent: Of which payment: its id
payment_method: What is paid with: a `pm_…` id, or one of Stripe's test names, `pm_card_visa`
payment_method_configuration: Which configuration says what is offered
payment_method_data: A method that is made at once: its `type`, and what that takes
payment_method_options: What single types are to do otherwise
payment_method_types: Types that may be paid with. In newer versions, `allowed_payment_method_types`
payment_schedule: How often payments are made
payments_per_period: How many payments there are in a period
payout: Ignored: there are no payouts here
permissions: What a restricted key may do, `refunds:write`; of linked accounts, what may be read
persistent_token: What the buyer's wallet is known by
phone: A telephone number, with its country's code
plan: In how many parts, and how often
postal_code: Postal code
preference: `on`, `off`, or `none`: as the account has it
preferred: Which card network the buyer prefers
preferred_locale: In which language the buyer's page is
preferred_locales: In which languages the customer is written to, the best first
prefetch: What is read of linked accounts at once
product_code: What you call the product
product_name: What the product is called
product_url: Where the product is shown
purchase_interval: Day, week, month or year
purchase_interval_count: Every how many of them something is bought
purpose: What it is for
quantity: How many
query: What is looked for, in Stripe's query language: `status:"succeeded" AND amount>1000`
radar_options: A session of Radar: kept, and decides nothing here
reason: Why: `duplicate`, `fraudulent` or `requested_by_customer`
receipt_email: Where Stripe would send a receipt; nothing is sent here
reconciliation_mode: `automatic` pays open payments with what comes in; `manual` leaves that to you
reference: What the buyer's statement calls it
reference_prefix: How the mandate's reference begins
referrer: From which page the buyer came
refund: Of which refund: its id
refund_application_fee: Whether the platform's fee is given back, too, in proportion
remembered: Whether an answer will do that another was given some seconds ago
request_three_d_secure: `any` or `challenge` ask for 3-D Secure whatever the bank wants
requested: What the mandate asks for
requested_address_types: Which kinds of account number are wanted
requestor_challenge_indicator: What 3-D Secure elsewhere was asked to do
return_url: Where the buyer comes back to
reverse_transfer: Whether what was transferred to a connected account comes back, too, in proportion
routing_number: The American bank's number
rules: Rules of routing as JSON, as `./perdure routes --help` describes them
seconds: How many seconds the clock goes forward
session: Which session it belongs to
settings: What is set for it
setup_credential_usage: What the saved card is for
setup_future_usage: `on_session` or `off_session`: the method is kept for later
setup_intent: Of which SetupIntent: its id
shipping: Where to, by whom, and how much that costs
single_use: That the mandate is for this payment alone, and how much
sold_by: Who sells it, where that is somebody else
sort_code: The British bank's and branch's number
source: Older names of methods: refused, use `payment_method`
start_date: When it begins, in Unix seconds or as a date
starting_after: The page after this id
state: State, county or province
statement_descriptor: What the buyer's statement says, in 5 to 22 letters
statement_descriptor_suffix: What is added to it on a card's statement
status: Those in this status
subscription_reference: What you call the subscription
subscriptions: What is subscribed to
suffix: The end of the account's number
supported_types: Which kinds of mandate are taken
tab: How the payment stands
tax: How much tax, in the smallest unit
tax_exempt: `none`, `exempt` or `reverse`
tax_id: A number by which the tax office knows them
test_clock: Refused: clocks are moved by `fast_forward`
text: What a person types into one box: an id, an amount, an address, four digits, or words
three_d_secure: What 3-D Secure elsewhere has found, or how it is to be done
to: To which second the clock goes, in Unix seconds
to_postal_code: Where it is sent to
token: A token that stands for a card or an account
total_tax_amount: How much tax the line has, in the smallest unit
tracking_number: The parcel's number
transaction: Of which transaction: its id
transaction_id: How 3-D Secure elsewhere calls it
transaction_type: `personal` or `business`
transfer_data: Which of your connected accounts gets the money, and how much of it; all of it, if left out
transfer_group: A name under which a payment and its transfers belong together: shown
transit_number: The number of the Canadian bank's branch
type: Of which type
types: Those of these types, 20 at most
unit_cost: What one of them costs, in the smallest unit
unit_of_measure: In what they are counted
url: An address: https, and in test mode http as well
usage: `off_session`, or `on_session`: whether it may be charged while its owner is away
use_stripe_sdk: Whether Stripe.js does what comes next
user_agent: By which browser the buyer has agreed
user_report: `fraudulent` or `safe`: what you know of the charge
verification_method: How the account is verified: `automatic`, `instant` or `microdeposits`
version: In which version
wait_seconds: How long to wait for something to happen
webhook_endpoint: To which endpoint alone: its id
year: Year, in four digits
"""

MEANINGS: dict[str, str] = dict(line.split(": ", 1) for line in (_WORDS.strip() + ELSEWHERE.rstrip()).splitlines())


def meaning(name: str) -> str | None:
    """What a parameter of this name is; None if nobody has said so."""
    plain = name.removesuffix("[]")
    if plain in MEANINGS:
        return MEANINGS[plain]
    if plain in TYPES or plain in _WALLETS:
        return f"What is said of `{plain}` alone"
    if plain.endswith(_CAPABILITIES):
        return "A capability: whether payments of this kind are asked for"
    return None


_CAPABILITIES = "_payments"
_WALLETS = frozenset({"apple_pay", "apple_pay_later", "cartes_bancaires", "google_pay", "jcb"})
