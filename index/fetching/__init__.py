"""Getting records from where they are published, politely: native files into a folder, as they came.

rate_limit.py       how often a server may be asked
client.py           one request: retries, back-off, what may pass and what may not
mirror.py           the folder of native files, and what is remembered of each
discovery.py        the official API's list pages: which records there are
official.py         the official API: every record's own page
theyworkforyou.py   TheyWorkForYou's daily files
bulk.py             mySociety's monthly files, the daily ones of both Houses, and the API for what they lack
download.py         one large file, resumed where it broke off
"""
