"""The archive for programs: the verbs ask, search, record, thread, verify and info, over HTTP and MCP.

schemas.py       what may be asked, and what comes back
verbs.py         the verbs themselves, the same for both
backpressure.py  how many may be served at once
api.py           over HTTP, with OpenAPI
mcp_tools.py     over MCP
"""
