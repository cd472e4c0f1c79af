"""The test kit: small worlds worked by hand, an auditor that reads events only, a slow oracle, random commands."""
