"""Fixtures of the browser tests: a browser, a page as wide as a desk, one as wide as a phone."""

from tests.browser.chromium import browser, complaints, page, phone

__all__ = ["browser", "complaints", "page", "phone"]
