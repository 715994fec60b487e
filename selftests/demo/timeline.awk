# SPDX-License-Identifier: GPL-2.0-only
#
# Draws the outage from the samples that guest.sh took: "time: T", then the
# counters.  on, off: when the injection began and was told to end.

function esc(s)
{
	gsub(/&/, "\\&amp;", s)
	gsub(/</, "\\&lt;", s)
	return s
}

function x(t)
{
	return left + (t - t0) / (t1 - t0) * width
}

function text(px, py, s, attr)
{
	printf "<text x=\"%.1f\" y=\"%.1f\" %s>%s</text>\n", px, py, attr, esc(s)
}

function line(x1, y1, x2, y2, attr)
{
	printf "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>\n",
		x1, y1, x2, y2, attr
}

# 1, 2 or 5 times a power of ten, so that a scale has at most n steps
function step(range, n, s, k)
{
	s = 1
	for (k = 0; range / s > n; k++)
		s *= k % 3 == 1 ? 2.5 : 2
	return s
}

# A frame with a scale from 0 to hi; sets top, height, max for y().
function panel(py, ph, hi, tick, name, s, v)
{
	top = py
	height = ph
	max = hi
	printf "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#fafafa\" stroke=\"#bbb\"/>\n",
		left, top, width, height
	printf "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"#d55e00\" fill-opacity=\"0.12\"/>\n",
		x(on), top, x(off) - x(on), height
	for (v = 0; v <= max; v += tick) {
		line(left, y(v), left + width, y(v), "stroke=\"#e2e2e2\"")
		text(left - 8, y(v) + 4, v, "text-anchor=\"end\" class=\"n\"")
	}
	text(left, top - 8, name, "class=\"h\"")
}

function y(v)
{
	return top + height - v / max * height
}

# Times in the middle, a second wide at least two characters.
function time_scale(s, t)
{
	s = step(t1 - t0, 15)
	for (t = 0; t <= t1 - t0; t += s) {
		line(x(t0 + t), top + height, x(t0 + t), top + height + 5,
			"stroke=\"#666\"")
		text(x(t0 + t), top + height + 20, t,
			"text-anchor=\"middle\" class=\"n\"")
	}
	text(left + width / 2, top + height + 40, "seconds",
		"text-anchor=\"middle\" class=\"n\"")
}

function legend(px, colour, name, dash)
{
	line(px, top - 12, px + 22, top - 12,
		"stroke=\"" colour "\" stroke-width=\"2.5\"" dash)
	text(px + 28, top - 8, name, "class=\"n\"")
}

# curve NAME COLOUR: of series[NAME, i]
function curve(name, colour, i)
{
	printf "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" stroke-linejoin=\"round\" points=\"",
		colour
	for (i = 1; i <= n; i++)
		printf "%.1f,%.1f ", x(time[i]), y(series[name, i])
	print "\"/>"
}

$1 == "time:" {
	time[++n] = $2
	next
}

$1 ~ /^rx[0-9]+_fill_large:$/ {
	q = substr($1, 3) + 0
	series["fill" q, n] = $2
	if (q + 1 > queues)
		queues = q + 1
	if (!seen[n]++ || $2 < min[n])
		min[n] = $2
	if ($2 > ring)
		ring = $2
}

$1 == "rx_alloc_fail:" {
	series["fail", n] = $2
}

$1 == "rx_recycled:" {
	series["drop", n] = $2
}

$1 == "rx_packets:" {
	series["packets", n] = $2
}

END {
	# The last sample may have been cut off.
	n--
	if (n < 10 || !queues) {
		print "timeline: there are no samples" >"/dev/stderr"
		exit 1
	}
	# A ring has room for one buffer less than its length.
	for (i = 64; i < ring; i *= 2)
		;
	ring = i
	t0 = time[1]
	t1 = time[n]
	left = 70
	width = 850
	fail0 = series["fail", 1]
	drop0 = series["drop", 1]
	for (i = 1; i <= n; i++) {
		series["fail", i] -= fail0
		series["drop", i] -= drop0
		if (i > 1 && series["fail", i] != series["fail", i - 1]) {
			last = time[i]
			full = 0
		} else if (last && !full && min[i] >= ring - 16) {
			full = time[i]
		}
	}
	# It takes a while to detach it.
	if (last > off)
		off = last
	counts = series["fail", n]
	if (series["drop", n] > counts)
		counts = series["drop", n]

	colour[0] = "#0072b2"
	colour[1] = "#e69f00"
	colour[2] = "#009e73"
	colour[3] = "#56b4e9"

	print "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
	print "<!-- SPDX-License-Identifier: GPL-2.0-only -->"
	print "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"960\" height=\"760\" viewBox=\"0 0 960 760\" role=\"img\" aria-label=\"Buffers, failed allocations and frames during an outage\">"
	print "<style>text{font-family:'DejaVu Sans',Verdana,sans-serif;fill:#222}.t{font-size:19px;font-weight:bold}.h{font-size:13px;font-weight:bold}.n{font-size:12px;fill:#444}.s{font-size:13px;fill:#444}</style>"
	print "<rect width=\"960\" height=\"760\" fill=\"#fff\"/>"
	text(left, 36, "qlge: an outage of receive memory under TCP traffic",
		"class=\"t\"")
	text(left, 58, sprintf("every allocation failed for %.1f s; %d failures, %d frames dropped and counted",
		off - on, series["fail", n], series["drop", n]), "class=\"s\"")

	panel(120, 220, ring, ring / 4, "large buffers owned by the card")
	# The watermark is a quarter of the ring.
	line(left, y(ring / 4), left + width, y(ring / 4),
		"stroke=\"#d55e00\" stroke-width=\"1.5\" stroke-dasharray=\"6 4\"")
	for (q = 0; q < queues; q++)
		curve("fill" q, colour[q % 4])
	px = left + 330
	for (q = 0; q < queues; q++) {
		legend(px, colour[q % 4], "rx-" q, "")
		px += 80
	}
	legend(px, "#d55e00", "watermark", " stroke-dasharray=\"6 4\"")
	px += 120
	printf "<rect x=\"%d\" y=\"%d\" width=\"22\" height=\"12\" fill=\"#d55e00\" fill-opacity=\"0.2\"/>\n",
		px, top - 18
	text(px + 28, top - 8, "allocations fail", "class=\"n\"")

	s = step(counts, 5)
	panel(390, 120, s * (int(counts / s) + 1), s, "failures and drops so far")
	curve("fail", "#d55e00")
	curve("drop", "#7a3e9d")
	legend(left + 330, "#d55e00", "alloc_fail", "")
	legend(left + 450, "#7a3e9d", "frames dropped at the watermark", "")

	# Frames a second, in bins of a fifth of one.
	bin = 0.2
	nbins = int((t1 - t0) / bin)
	for (i = 2; i <= n; i++) {
		b = int((time[i] - t0) / bin)
		got[b] += series["packets", i] - series["packets", i - 1]
	}
	for (b = 0; b < nbins; b++)
		if (got[b] / bin > most)
			most = got[b] / bin
	s = step(most, 4)
	panel(560, 120, s * (int(most / s) + 1), s, "frames received per second")
	for (b = 0; b < nbins; b++)
		printf "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"#0072b2\" fill-opacity=\"0.75\"/>\n",
			x(t0 + b * bin) + 0.5, y(got[b] / bin),
			width * bin / (t1 - t0) - 1, got[b] / bin / max * height
	time_scale()

	if (full) {
		mark = "stroke=\"#009e73\" stroke-width=\"2\""
		line(x(full), 120, x(full), 340, mark)
		line(x(full), 390, x(full), 510, mark)
		line(x(full), 560, x(full), 680, mark)
		text(x(full) + 8, 232, sprintf("full again %d ms", (full - last) * 1000 + 0.5),
			"class=\"h\" style=\"fill:#00704f\"")
		text(x(full) + 8, 249, "after the last failure",
			"class=\"h\" style=\"fill:#00704f\"")
	}
	print "</svg>"
}
