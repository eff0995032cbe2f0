"""The pages of many cases: worklist, chase list, referrals, import and export."""
