"""A page as PDF by WeasyPrint: paged CSS, Japanese line breaking and SVG, without a browser."""

from __future__ import annotations

from hub.errors import HubError


def pdf(page: str) -> bytes:
    """An HTML page that needs nothing beside itself, as PDF.

    Raises:
        HubError: WeasyPrint or the Pango that it needs is not installed.
    """
    try:
        import weasyprint
    except (ImportError, OSError) as problem:
        raise HubError(
            "a PDF needs WeasyPrint and Pango (pip install 'machikado[engineer]'; on Debian: apt install libpangoft2-1.0-0 "
            "fonts-noto-cjk), or write .html"
        ) from problem
    only_within = weasyprint.urls.URLFetcher(allowed_protocols={"data"})
    return bytes(weasyprint.HTML(string=page, url_fetcher=only_within).write_pdf())
