"""Where the two languages of electronic invoices keep the fields of the `invoice` schema.

Paths are local names below the root; "A|B" is either name (ZUGFeRD 1 names some elements otherwise), ", " parts
alternatives of which the first that exists counts.
"""

import msgspec

_DEAL = "SupplyChainTradeTransaction|SpecifiedSupplyChainTradeTransaction"
_AGREEMENT = f"{_DEAL}/ApplicableHeaderTradeAgreement|ApplicableSupplyChainTradeAgreement"
_SETTLEMENT = f"{_DEAL}/ApplicableHeaderTradeSettlement|ApplicableSupplyChainTradeSettlement"
_SUMS = f"{_SETTLEMENT}/SpecifiedTradeSettlementHeaderMonetarySummation|SpecifiedTradeSettlementMonetarySummation"
_LINE_SETTLEMENT = "SpecifiedLineTradeSettlement|SpecifiedSupplyChainTradeSettlement"
_PRICE = "SpecifiedLineTradeAgreement|SpecifiedSupplyChainTradeAgreement/NetPriceProductTradePrice"


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """The paths of one language: those of a party below its element, those of a line below the line."""

    fields: dict[str, str]
    parties: dict[str, str]
    name: str
    tax_id: str
    address_place: str
    # Parts of the address that are written in one row.
    address: tuple[tuple[str, ...], ...]
    lines: str
    line: dict[str, str]
    # How many units the price is for.
    price_of: str


CII = Dialect(
    fields={
        "number": "ExchangedDocument|HeaderExchangedDocument/ID",
        "issue_date": "ExchangedDocument|HeaderExchangedDocument/IssueDateTime/DateTimeString",
        "due_date": f"{_SETTLEMENT}/SpecifiedTradePaymentTerms/DueDateDateTime/DateTimeString",
        "purchase_order": f"{_AGREEMENT}/BuyerOrderReferencedDocument/IssuerAssignedID|ID",
        "currency": f"{_SETTLEMENT}/InvoiceCurrencyCode",
        "net": f"{_SUMS}/TaxBasisTotalAmount",
        "tax": f"{_SUMS}/TaxTotalAmount",
        "total": f"{_SUMS}/GrandTotalAmount, {_SUMS}/DuePayableAmount",
        "iban": f"{_SETTLEMENT}/SpecifiedTradeSettlementPaymentMeans/PayeePartyCreditorFinancialAccount/IBANID",
    },
    parties={"supplier": f"{_AGREEMENT}/SellerTradeParty", "customer": f"{_AGREEMENT}/BuyerTradeParty"},
    name="Name, SpecifiedLegalOrganization/TradingBusinessName",
    tax_id="SpecifiedTaxRegistration/ID",
    address_place="PostalTradeAddress",
    address=(
        ("PostalTradeAddress/LineOne",),
        ("PostalTradeAddress/LineTwo",),
        ("PostalTradeAddress/LineThree",),
        ("PostalTradeAddress/PostcodeCode", "PostalTradeAddress/CityName"),
        ("PostalTradeAddress/CountryID",),
    ),
    lines=f"{_DEAL}/IncludedSupplyChainTradeLineItem",
    line={
        "description": "SpecifiedTradeProduct/Name, SpecifiedTradeProduct/Description",
        "quantity": "SpecifiedLineTradeDelivery|SpecifiedSupplyChainTradeDelivery/BilledQuantity",
        "unit_price": f"{_PRICE}/ChargeAmount",
        "tax_rate": f"{_LINE_SETTLEMENT}/ApplicableTradeTax/RateApplicablePercent|ApplicablePercent",
        "amount": f"{_LINE_SETTLEMENT}"
        "/SpecifiedTradeSettlementLineMonetarySummation|SpecifiedTradeSettlementMonetarySummation/LineTotalAmount",
    },
    price_of=f"{_PRICE}/BasisQuantity",
)

UBL = Dialect(
    fields={
        "number": "ID",
        "issue_date": "IssueDate",
        "due_date": "DueDate, PaymentMeans/PaymentDueDate",
        "purchase_order": "OrderReference/ID",
        "currency": "DocumentCurrencyCode",
        "net": "LegalMonetaryTotal/TaxExclusiveAmount",
        "tax": "TaxTotal/TaxAmount",
        "total": "LegalMonetaryTotal/TaxInclusiveAmount, LegalMonetaryTotal/PayableAmount",
        "iban": "PaymentMeans/PayeeFinancialAccount/ID",
    },
    parties={"supplier": "AccountingSupplierParty/Party", "customer": "AccountingCustomerParty/Party"},
    name="PartyLegalEntity/RegistrationName, PartyName/Name",
    tax_id="PartyTaxScheme/CompanyID, PartyLegalEntity/CompanyID",
    address_place="PostalAddress",
    address=(
        ("PostalAddress/StreetName", "PostalAddress/BuildingNumber"),
        ("PostalAddress/AdditionalStreetName",),
        ("PostalAddress/AddressLine/Line",),
        ("PostalAddress/PostalZone", "PostalAddress/CityName"),
        ("PostalAddress/Country/IdentificationCode",),
    ),
    lines="InvoiceLine|CreditNoteLine",
    line={
        "description": "Item/Name, Item/Description",
        "quantity": "InvoicedQuantity|CreditedQuantity",
        "unit_price": "Price/PriceAmount",
        "tax_rate": "Item/ClassifiedTaxCategory/Percent, TaxTotal/TaxSubtotal/TaxCategory/Percent",
        "amount": "LineExtensionAmount",
    },
    price_of="Price/BaseQuantity",
)
