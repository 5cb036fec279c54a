// Package console shows the executions of an sfnapi.Handler in a browser, live.
//
//	page := console.Handler(console.Config{API: api})
//	mux.Handle("/console/", http.StripPrefix("/console", page))
//
// The command `statemill serve` has it at /_statemill/console/.
//
// # Who may look
//
// Whoever may look may also start, stop, redrive and answer, unless Config.ReadOnly is set. Without
// Config.User, only connections to a loopback address are served, and only if the host of the
// request is "localhost", an IP address or one of Config.Hosts: else a page of another site, whose
// name leads to this machine, could call. No request that a browser sends from another site is
// served. All answers forbid the page to load or to call anything else than the console itself.
//
// # How it works
//
// guard.go has what holds for all requests. files.go has the page: the sources are in web, what is
// built of them in dist, which is part of the package, so that Go needs nothing else to build it.
// Operations of the API go through operation.go to the Handler. The other files have what the API
// has no operation for: lists.go executions of all state machines, waiting.go tasks that wait for
// an answer, runs.go Map Runs, graph.go pictures and findings about definitions.
//
// feed.go is the history of one execution, folded into visits of states once for all who look
// at it. Engine.Watch wakes hub.go after each commit, that wakes the streams of stream.go which wait, and
// a stream then reads what it has not sent yet. So nothing is kept for a stream, however slow it is.
package console

import (
	"net/http"

	"github.com/statemill/statemill/runtime/sfnapi"
)

// Config says what a console shows and to whom. API must be set.
type Config struct {
	// API has the state machines and executions. What the console asks of it needs no signature,
	// also if its Config.Secret is set.
	API *sfnapi.Handler

	// ReadOnly answers 403 to whatever changes something, runs tasks or shows task tokens.
	// Default: false.
	ReadOnly bool

	// User returns the name of whoever makes a request, for the corner of the page. An error refuses
	// the request with 403 and is not shown. With User, clients on other machines and all
	// hosts are served. Default: nil, whoever reaches the console may use it.
	User func(*http.Request) (name string, err error)

	// Public serves clients on other machines although User is nil. Default: only connections
	// to loopback addresses are served.
	Public bool

	// Hosts are names under which a browser may reach the console, without ports, "flows.example.org".
	// Default: with User all, else "localhost" and IP addresses.
	Hosts []string
}

// console answers the requests of one Handler.
type console struct {
	config  Config
	hub     *hub
	files   map[string]*file
	drawing chan struct{} // has those that draw
}

// Handler returns the console. All addresses in its pages are relative, so it may be mounted anywhere
// with http.StripPrefix. It is safe for concurrent use and needs no end: it watches the Engine only while
// somebody looks.
func Handler(c Config) http.Handler {
	if c.API == nil {
		panic("console: Config.API is nil")
	}
	served := &console{config: c, hub: newHub(c.API.Engine()), files: readFiles(), drawing: make(chan struct{}, maxDrawing)}
	return served.guarded(served.routes())
}

func (c *console) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", c.page)
	mux.HandleFunc("GET /assets/{name}", c.asset)
	mux.HandleFunc("GET /about", c.answer(c.about))
	mux.HandleFunc("GET /machines", c.answer(c.machines))
	mux.HandleFunc("GET /executions", c.answer(c.executions))
	mux.HandleFunc("GET /execution", c.answer(c.execution))
	mux.HandleFunc("GET /visit", c.answer(c.visit))
	mux.HandleFunc("GET /history", c.answer(c.history))
	mux.HandleFunc("GET /event", c.answer(c.event))
	mux.HandleFunc("GET /waiting", c.answer(c.waiting))
	mux.HandleFunc("GET /runs", c.answer(c.runs))
	mux.HandleFunc("GET /graph", c.answer(c.graph))
	mux.HandleFunc("GET /graph.svg", c.picture)
	mux.HandleFunc("GET /events", c.events)
	mux.HandleFunc("POST /check", c.answer(c.check))
	mux.HandleFunc("POST /token", c.changing(c.answer(c.token)))
	mux.HandleFunc("POST /answer", c.changing(c.answer(c.answerTask)))
	mux.HandleFunc("POST /api/{operation}", c.operation)
	return mux
}

type about struct {
	ReadOnly bool     `json:"readOnly"`
	User     string   `json:"user,omitempty"`
	Regions  []string `json:"regions"`
}

func (c *console) about(r *http.Request) (any, error) {
	regions, err := c.config.API.Regions(r.Context())
	if err != nil {
		return nil, err
	}
	return about{ReadOnly: c.config.ReadOnly, User: userOf(r), Regions: regions}, nil
}
