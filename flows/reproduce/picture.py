# SPDX-License-Identifier: Apache-2.0
"""A picture of fronts as SVG: energy saved against accuracy lost."""
from html import escape

COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#555555"]
LEFT, TOP, WIDTH, HEIGHT = 60, 36, 520, 300


def fronts(title, series, most=10):
    """series: {name: [(saving in percent, points lost)]}; what lost more than `most` is left out."""
    shown = {name: sorted(p for p in points if p[1] <= most) for name, points in series.items()}
    values = [p for points in shown.values() for p in points]
    high = max([p[0] for p in values] + [10])
    low = min([p[1] for p in values] + [0])

    def place(saving, lost):
        return LEFT + WIDTH * saving / high, TOP + HEIGHT * (1 - (lost - low) / (most - low))

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 {TOP + HEIGHT + 50}" width="800" '
           'font-family="sans-serif" font-size="12" role="img">',
           f'<title>{escape(title)}</title><rect width="100%" height="100%" fill="white"/>',
           f'<text x="{LEFT}" y="20" font-size="14">{escape(title)}</text>']
    for lost in range(0, most + 1, 2):
        _, y = place(0, lost)
        out.append(f'<path d="M{LEFT} {y:.1f}h{WIDTH}" stroke="#ddd"/><text x="{LEFT - 8}" y="{y + 4:.1f}" '
                   f'text-anchor="end">{lost}</text>')
    for saving in range(0, int(high) + 1, 10):
        x, _ = place(saving, 0)
        out.append(f'<path d="M{x:.1f} {TOP}v{HEIGHT}" stroke="#eee"/><text x="{x:.1f}" y="{TOP + HEIGHT + 18}" '
                   f'text-anchor="middle">{saving}</text>')
    out.append(f'<text x="{LEFT + WIDTH / 2}" y="{TOP + HEIGHT + 40}" text-anchor="middle">multipliers\' energy saved, '
               f'%</text><text transform="translate(18 {TOP + HEIGHT / 2}) rotate(-90)" text-anchor="middle">accuracy '
               'lost, points</text>')
    for i, (name, points) in enumerate(shown.items()):
        colour = COLOURS[i % len(COLOURS)]
        places = [place(*p) for p in points]
        if places:
            line = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
            out.append(f'<path d="M{line}" fill="none" stroke="{colour}" stroke-opacity="0.5"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
        y = TOP + 10 + 18 * i
        out.append(f'<circle cx="{LEFT + WIDTH + 18}" cy="{y - 4}" r="4" fill="{colour}"/>'
                   f'<text x="{LEFT + WIDTH + 28}" y="{y}">{escape(name)}</text>')
    return "\n".join(out + ["</svg>"]) + "\n"
