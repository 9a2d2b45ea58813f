"""From the first click to the attended visit: capture, lifecycle, follow-ups, visits, attribution, reports.

It owns the enquiry and every act that touches several apps. It imports `crm` and `notifications`; nothing but
`config` imports it.
"""
