"""Sphinx configuration. Nothing here reaches the network, so the documentation builds with it switched off."""

from shortfall import __version__

project = "shortfall"
author = "The shortfall authors"
copyright = "The shortfall authors, Apache-2.0"
release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
root_doc = "index"

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
napoleon_google_docstring = False
napoleon_numpy_docstring = True
default_role = "code"

html_theme = "furo"
html_title = "shortfall"
html_copy_source = False
nitpicky = False
