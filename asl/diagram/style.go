package diagram

import "strings"

// rules are the style sheet of drawings, for one palette. @ is the selector of a
// drawing, $NAME a colour. Custom properties would be shorter, and not every program that
// shows SVG knows them.
const rules = `@{background:$back}
@ .shape{fill:$back;stroke:$line}
@ .Task>.shape{stroke:$task}
@ .Choice>.shape,@ .edge.rule,@ .edge.default{stroke:$choice}
@ .Wait>.shape{stroke:$wait}
@ .Parallel>.shape,@ .Map>.shape{fill:$inside;stroke:$done}
@ .Fail>.shape,@ .edge.catch{stroke:$error}
@ .Succeed>.shape{stroke:$done}
@ text,@ rect.mark{fill:$text}
@ text.type{fill:$soft}
@ text.label{fill:$line;stroke:$back}
@ text.label.catch,@ marker.catch path{fill:$error}
@ .edge{stroke:$line}
@ marker path{fill:$line}
@ marker.rule path,@ marker.default path{fill:$choice}
@ text.mark{fill:$back}
@ .branch{fill:$back;stroke:$soft}
`

// shapes are the rules without colours.
const shapes = `.asl{font:12px system-ui,"DejaVu Sans",sans-serif}
.asl .shape{stroke-width:1.3}
.asl text.type{font-size:10px}
.asl text.mark{font-size:11px}
.asl text.label{font-size:10.5px;stroke-width:3px;paint-order:stroke}
.asl .edge{fill:none;stroke-width:1.2}
.asl .edge.catch{stroke-dasharray:4 3}
.asl .exited>.shape{stroke-width:2.6}
.asl .caught>.shape,.asl .failed>.shape,.asl .aborted>.shape{stroke-width:2.6;stroke-dasharray:6 3}
.asl .branch{stroke-dasharray:2 3;stroke-width:1}
`

var (
	light = strings.NewReplacer("$back", "#fff", "$text", "#1b2330", "$line", "#5b6675", "$soft", "#5d6878", "$inside", "#f4f6f9",
		"$error", "#b3261e", "$task", "#2a5db0", "$choice", "#8a5a00", "$wait", "#6a3fa0", "$done", "#0b6e5f", "@", ".asl")
	dark = strings.NewReplacer("$back", "#14181f", "$text", "#e6eaf0", "$line", "#9aa5b4", "$soft", "#a3adbb", "$inside", "#1d232d",
		"$error", "#ff8a80", "$task", "#7fb0ff", "$choice", "#f0bd5a", "$wait", "#c39cff", "$done", "#5fd6c3")
	style = shapes + light.Replace(rules) +
		"@media (prefers-color-scheme:dark){\n" + strings.ReplaceAll(dark.Replace(rules), "@", ".asl:not(.light)") + "}\n" +
		strings.ReplaceAll(dark.Replace(rules), "@", ".asl.dark")
)

// Style returns the style sheet of drawings. Its rules are for elements of the class
// "asl".
func Style() string { return style }
