"""Each story of the browser gets a browser, a page on a desk or one in the hand."""

from tests.browser.chromium import browser, complaints, page, phone

__all__ = ["browser", "complaints", "page", "phone"]
