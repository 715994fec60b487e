# SPDX-License-Identifier: GPL-2.0-only
#
# Horizontal bars as SVG from lines "group<TAB>label<TAB>value", in which a
# group's lines follow each other; each group has its own scale.

function esc(s)
{
	gsub(/&/, "\\&amp;", s)
	gsub(/</, "\\&lt;", s)
	return s
}

function text(x, y, s, attr)
{
	body = body sprintf("<text x=\"%d\" y=\"%d\" %s>%s</text>\n", x, y,
		attr, esc(s))
}

BEGIN {
	FS = "\t"
	left = 190
	width = 480
	row = 20
}

{
	n++
	group[n] = $1
	label[n] = $2
	value[n] = $3
	if ($3 > max[$1])
		max[$1] = $3
}

END {
	y = 40
	for (i = 1; i <= n; i++) {
		if (group[i] != group[i - 1]) {
			y += 16
			text(20, y, group[i], "class=\"h\"")
			y += 8
		}
		w = max[group[i]] ? value[i] / max[group[i]] * width : 0
		body = body sprintf("<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n",
			left, y, w, row - 5,
			label[i] ~ /^qlge / ? "#0072b2" : "#b5b5b5")
		text(left - 8, y + 12, label[i], "text-anchor=\"end\"")
		text(left + w + 6, y + 12, value[i], "class=\"n\"")
		y += row
	}
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">\n",
		left + width + 80, y + 20
	print "<style>.h{font-size:14px;font-weight:bold}.n{fill:#333}</style>"
	print "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>"
	printf "<text x=\"20\" y=\"28\" font-size=\"16\">%s</text>\n", esc(title)
	printf "%s</svg>\n", body
}
