"""How notebooks look in the Formgrader and in feedback: tables have columns, as in JupyterLab, and long lines are not cut off."""

import nbformat
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import List

CSS = """
#notebook th, #notebook td { padding: 0.25em 0.75em 0.25em 0; text-align: left; vertical-align: top; }
#notebook .rendered_html table, #notebook .output_html table { margin: 0.5em 0; }
#notebook .rendered_html tr, #notebook .output_html tr { border-bottom: 1px solid #ddd; }
#notebook pre { white-space: pre-wrap; overflow-wrap: anywhere; }
#notebook .output_html, #notebook .output_svg { overflow-x: auto; }
#notebook img, #notebook svg { max-width: 100%; border: 0; }
/* In JupyterLab the Formgrader's page is narrow, and what stands in its head would cover each other. */
.navbar > .container { display: flex; align-items: center; width: auto; }
.navbar > .container > div { flex: none; width: auto; }
.navbar > .container > .col-md-8 { flex: auto; }
"""


class PagePreprocessor(NbGraderPreprocessor):
    """For pages in HTML. Where they are made this option is set for all, and nbgrader would warn that it is none."""

    display_data_priority = List().tag(config=True)


class Style(PagePreprocessor):
    def preprocess(self, nb, resources):
        # Both kinds of pages collect their styles anew after the last preprocessor that a course can add.
        style = nbformat.v4.new_markdown_cell(f"<style>{CSS}</style>")
        nb.cells.insert(0, style)
        return nb, resources
