"""The toolkit's components in the page's colours; everything else is in `ui/assets/page.css`."""

from __future__ import annotations

from typing import Any

import gradio as gr

# One accent, a dark green; its shades from the lightest to the darkest.
_GREEN = ("#f1f8f4", "#dcefe4", "#b9dfca", "#8cc9a8", "#58ad81", "#2f8f61", "#00703c", "#005a30", "#004526", "#00331c",
          "#002212")  # fmt: skip
_INK, _SOFT_INK, _LINE, _PAPER, _WASH = "#0b0c0c", "#505a5f", "#b1b4b6", "#ffffff", "#f5f6f5"
_DARK = {"ink": "#f0f2f1", "soft": "#b4bbb7", "line": "#59625d", "paper": "#121614", "wash": "#1b201e"}
_ACCENT, _ACCENT_DARK = "#00703c", "#7fd0a5"


def theme() -> Any:
    """Return the toolkit's theme: flat, square, no shadows, text of 18 pixels."""
    base = gr.themes.Base(
        primary_hue=gr.themes.Color(*_GREEN),
        secondary_hue=gr.themes.Color(*_GREEN),
        neutral_hue=gr.themes.colors.zinc,
        text_size=gr.themes.sizes.text_lg,
        radius_size=gr.themes.sizes.radius_none,
        font=["Source Sans Pro", "Arial", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
    )
    return base.set(
        body_background_fill=_PAPER, body_background_fill_dark=_DARK["paper"],
        body_text_color=_INK, body_text_color_dark=_DARK["ink"],
        body_text_color_subdued=_SOFT_INK, body_text_color_subdued_dark=_DARK["soft"],
        background_fill_primary=_PAPER, background_fill_primary_dark=_DARK["paper"],
        background_fill_secondary=_PAPER, background_fill_secondary_dark=_DARK["paper"],
        border_color_primary=_LINE, border_color_primary_dark=_DARK["line"],
        block_background_fill="transparent", block_background_fill_dark="transparent",
        block_border_width="0px", block_border_width_dark="0px", block_shadow="none", block_shadow_dark="none",
        block_padding="0px", block_label_background_fill="transparent", block_label_background_fill_dark="transparent",
        block_title_background_fill="transparent", block_title_background_fill_dark="transparent",
        block_title_padding="0px", block_title_text_color=_INK, block_title_text_color_dark=_DARK["ink"],
        block_title_text_weight="700", block_title_text_size="1rem",
        block_label_text_color=_INK, block_label_text_color_dark=_DARK["ink"],
        input_background_fill=_PAPER, input_background_fill_dark=_DARK["wash"],
        input_border_color=_SOFT_INK, input_border_color_dark=_DARK["soft"],
        input_border_color_focus=_INK, input_border_color_focus_dark=_DARK["ink"],
        input_border_width="1px", input_shadow="none", input_shadow_focus="none",
        input_placeholder_color=_SOFT_INK, input_placeholder_color_dark=_DARK["soft"],
        button_primary_background_fill=_ACCENT, button_primary_background_fill_dark=_ACCENT_DARK,
        button_primary_background_fill_hover="#005a30", button_primary_background_fill_hover_dark="#a5dfc0",
        button_primary_text_color="#ffffff", button_primary_text_color_dark="#06170e",
        button_primary_border_color=_ACCENT, button_primary_border_color_dark=_ACCENT_DARK,
        button_secondary_background_fill=_PAPER, button_secondary_background_fill_dark=_DARK["paper"],
        button_secondary_background_fill_hover=_WASH, button_secondary_background_fill_hover_dark=_DARK["wash"],
        button_secondary_border_color=_LINE, button_secondary_border_color_dark=_DARK["line"],
        button_secondary_text_color=_INK, button_secondary_text_color_dark=_DARK["ink"],
        button_transition="none", shadow_drop="none", shadow_drop_lg="none", layout_gap="16px",
        color_accent=_ACCENT, border_color_accent=_ACCENT, border_color_accent_dark=_ACCENT_DARK,
        checkbox_label_background_fill="transparent", checkbox_label_background_fill_dark="transparent",
        checkbox_label_background_fill_selected="transparent",
        checkbox_label_background_fill_selected_dark="transparent",
        checkbox_label_border_width="0px", checkbox_label_border_width_dark="0px",
        checkbox_label_text_color_selected=_INK, checkbox_label_text_color_selected_dark=_DARK["ink"],
        checkbox_border_color=_SOFT_INK, checkbox_border_color_dark=_DARK["soft"],
        checkbox_background_color_selected=_ACCENT, checkbox_background_color_selected_dark=_ACCENT_DARK,
    )  # fmt: skip
