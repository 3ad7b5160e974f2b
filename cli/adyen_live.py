"""`make adyen-live`: ask an Adyen test account of yours whether Adyen behaves as this engine believes it does.

Settings: ADYEN_MERCHANT and ADYEN_API_KEY; ADYEN_REPORT is the file that the report is written to (adyen-live.json).
Ends with 0 if everything matched, 1 if not, 2 if something has to be set first.
"""

import asyncio
import json
import sys
from pathlib import Path

from gateways.adyen.account import TEST_URL
from gateways.adyen.live import Live, report
from settings import adyen_live

MISSING = """Nothing was asked: this needs an Adyen test account of yours (https://www.adyen.com/signup).

  ADYEN_MERCHANT   {merchant}   the merchant account, as the Customer Area shows it at the top
  ADYEN_API_KEY    {api_key}   Developers > API credentials > ws@Company… > Generate API key;
                   roles: Checkout webservice role, API tokenise payment details

  ADYEN_MERCHANT=YourECOM ADYEN_API_KEY=AQE… make adyen-live"""


def main() -> int:
    """Ask everything, say what matched, and write the report."""
    asked = adyen_live()
    if not (asked["merchant"] and asked["api_key"]):
        said = {name: "is set    " if asked[name] else "is missing" for name in ("merchant", "api_key")}
        print(MISSING.format(**said))
        return 2
    try:
        live = Live(asked["url"] or TEST_URL, asked["merchant"], asked["api_key"])
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    findings = asyncio.run(live.findings())
    for finding in findings:
        print(f"  {'matched' if finding.matched else 'DIFFERS'}  {finding.name}: {finding.expected}")
        if not finding.matched:
            print(f"           {finding.trouble or json.dumps(finding.seen)}")
    told = report(findings)
    path = Path(asked["report"] or "adyen-live.json")
    path.write_text(json.dumps(told, indent=2) + "\n")
    print(f"{told['matched']} of {told['of']} matched; the report is {path}")
    return 0 if told["matched"] == told["of"] else 1


if __name__ == "__main__":
    sys.exit(main())
