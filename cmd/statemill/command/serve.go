package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"net"
	"net/url"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/statemill/statemill/cmd/statemill/internal/source"
	"github.com/statemill/statemill/contrib/parquet"
	"github.com/statemill/statemill/contrib/sqlstore"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/objects"
	"github.com/statemill/statemill/runtime/sfnapi"
	"github.com/statemill/statemill/runtime/store"
)

// server is what the flags of serve say.
type server struct {
	listen   string
	public   bool
	origins  []string
	keys     string
	database string
	tasks    []string
	account  string
	region   string
	log      string

	functions string
	buckets   string
	mock      string
	set       pairs
	noConsole bool
	readOnly  bool
	hosts     []string
	waits     float64
	retention time.Duration
	watch     bool
	check     bool
	aws       bool
	endpoints map[string]string // of services, by their names in resources
	clients   AWS

	in        io.Reader
	out, errs io.Writer
}

// inMemory is the --db that keeps nothing.
const inMemory = "memory"

func serveCommand(aws AWS) *cobra.Command {
	s := &server{clients: aws}
	c := &cobra.Command{
		Use:   "serve [SOURCE...]",
		Short: "Serves the API of Step Functions on one port.",
		Long: `Serves the API of AWS Step Functions: the aws command, the SDKs and Terraform talk to
it unchanged. State machines and executions are in one file and survive the process.
Each request is a line on stderr. A SOURCE is what validate takes: its definitions become
state machines at the start. Flags and variables of AWS Step Functions Local work, too.`,
		Example: `  statemill serve
  statemill serve --db memory --task 'greet=json:{"hello": "world"}'
  statemill serve --task charge=http://localhost:8000/charge --task 'stock=exec:python3 stock.py'
  statemill serve --task 'risky=error:Timeout:the bank sleeps' --task '*:function:*=echo'
  statemill serve template.yaml --watch --lambda-endpoint http://127.0.0.1:3001
  statemill serve --mock MockConfigFile.json   # start with ...:stateMachine:Order#HappyPath`,
		Version: thisBuild().Version,
		RunE: func(c *cobra.Command, args []string) error {
			s.in, s.out, s.errs = c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr()
			if err := s.readLocal(c.Flags()); err != nil {
				return err
			}
			if s.mock != "" && !c.Flags().Changed("db") {
				s.database = inMemory
			}
			return s.run(c.Context(), args)
		},
	}
	f := c.Flags()
	f.StringVar(&s.listen, "listen", "127.0.0.1:8083", "the `address` to listen at; port 0 takes a free one")
	f.BoolVar(&s.public, "public", false, "serve other machines too: whoever reaches the address may run workflows")
	f.StringArrayVar(&s.origins, "origin", nil, "an `origin` whose pages may call: https://console.example.org")
	f.StringVar(&s.keys, "keys", "", "a `file` with access keys and their secrets, a pair a line: requests must be signed with one")
	f.StringVar(&s.database, "db", "statemill.db", "the `file` that keeps everything, or memory, or the URL of a PostgreSQL: postgres://user@host/database")
	f.StringArrayVar(&s.tasks, "task", nil, taskHelp)
	f.StringVar(&s.account, "account", "123456789012", "the `account` in ARNs")
	f.StringVar(&s.region, "region", "us-east-1", "the `region` of requests without credentials")
	f.StringVar(&s.functions, "lambda-endpoint", "", lambdaHelp)
	f.StringVar(&s.buckets, "buckets", "", bucketsHelp)
	f.StringVar(&s.mock, "mock", "", "a mock `file` of Step Functions Local; such executions are not kept, so the default of --db is memory")
	f.Float64Var(&s.waits, "wait-time-scale", 1, "Wait states take their time times this `factor`; 0: none")
	f.Var(&s.set, "set", "fill in ${NAME} in definitions: `NAME=VALUE`")
	f.BoolVar(&s.watch, "watch", false, "look at the sources twice a second, and update the state machines")
	f.DurationVar(&s.retention, "retention", 0, "how long executions are kept when they are over. Default: 90 days")
	f.BoolVar(&s.check, "check", false, "make sure that all of this works, say what would be served, and end")
	f.BoolVar(&s.noConsole, "no-console", false, "serve no console")
	f.BoolVar(&s.readOnly, "console-read-only", false, "a console that changes nothing")
	f.StringArrayVar(&s.hosts, "host", nil, "a `name` under which browsers reach the console, beside localhost and addresses")
	f.StringVar(&s.log, "log", "text", "the `form` of the log: text, json or off")
	addLocal(f)
	f.BoolVar(&s.aws, "aws", false, "call the services of AWS, with the credentials and the region of the environment")
	if aws == nil {
		_ = f.MarkHidden("aws") // it was just added
	}
	return c
}

func (s *server) run(ctx context.Context, sources []string) (err error) {
	if err := s.possible(sources); err != nil {
		return err
	}
	config, mocked, err := s.config()
	if err != nil {
		return err
	}
	m := &machines{loader: source.Loader{Stdin: s.in}, sources: sources, set: s.set, account: s.account, region: s.region, out: s.errs, errs: s.errs}
	all, err := m.read()
	if err != nil {
		return err
	}
	if config.Secret, err = readKeys(s.keys); err != nil {
		return err
	}
	listener, err := s.listener(ctx)
	if err != nil {
		return err
	}
	defer listener.Close()
	if s.check {
		return s.checked(ctx, m, all, listener.Addr())
	}
	kept, closeStore, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore()) }()
	h, err := sfnapi.Open(ctx, kept, config)
	if err != nil {
		return err
	}
	if mocked != nil {
		mocked.engine = h.Engine()
	}
	defer func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		err = errors.Join(err, h.Close(last))
	}()
	s.addConsole(h, config.Secret)
	m.api = h.Trusted()
	if err := m.serve(ctx, all); err != nil {
		return err
	}
	s.greet(listener.Addr(), len(config.Engine.Tasks.(runtime.Mux)))
	return s.serve(ctx, h, listener, m)
}

// possible refuses flags that do not go together.
func (s *server) possible(sources []string) error {
	switch {
	case s.aws && s.clients == nil:
		return fmt.Errorf("--aws: this program has no clients of AWS services; %s has them", withAWS)
	case s.waits < 0 || math.IsNaN(s.waits) || math.IsInf(s.waits, 0):
		return fmt.Errorf("--wait-time-scale %v: expected 0 or more", s.waits)
	case s.buckets != "" && !isFolder(s.buckets):
		return fmt.Errorf("--buckets %s is no folder", s.buckets)
	case s.retention < 0:
		return fmt.Errorf("--retention %v: expected 0 or more", s.retention)
	case s.mock != "" && s.database != inMemory:
		return fmt.Errorf("--mock and --db %s: which case an execution has is not kept, so --mock needs --db memory", s.keptIn())
	case s.watch && len(sources) == 0:
		return errors.New("--watch needs a SOURCE to look at")
	case s.watch && slices.Contains(sources, "-"):
		return errors.New("--watch cannot look at the standard input")
	}
	return nil
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// config returns how the API answers. The cases are nil without a mock file.
func (s *server) config() (c sfnapi.Config, mocked *cases, err error) {
	logger, err := s.logger()
	if err != nil {
		return c, nil, err
	}
	tasks, err := parseTasks(s.tasks, performers{s.functions, s.clients})
	if err != nil {
		return c, nil, err
	}
	buckets, err := s.addAWS(tasks)
	if err != nil {
		return c, nil, err
	}
	c = sfnapi.Config{
		Engine:  runtime.EngineConfig{Tasks: tasks, Logger: logger, Retention: s.retention},
		Account: s.account, Region: s.region, Public: s.public, Origins: s.origins,
	}
	if s.buckets != "" {
		buckets = objects.Dir(s.buckets)
	}
	if buckets != nil {
		c.Engine.Objects, c.Engine.Formats = buckets, parquet.Formats()
	}
	if s.waits != 1 {
		c.Engine.ScaleWait = func(d time.Duration) time.Duration { return time.Duration(float64(d) * s.waits) }
	}
	if s.mock != "" {
		if mocked, err = openCases(s.mock, tasks); err != nil {
			return c, nil, fmt.Errorf("--mock: %w", err)
		}
		c.Case, c.Engine.TasksOf, c.Engine.Evicted = mocked.choose, mocked.tasksOf, mocked.forget
	}
	return c, mocked, nil
}

// addAWS has the services called that have an endpoint, or all of them, and returns where their buckets are; nil: nowhere. A --task
// for the same resources comes first.
func (s *server) addAWS(tasks runtime.Mux) (objects.Objects, error) {
	e := Endpoints{Services: s.endpoints, All: os.Getenv(everyEndpoint), Real: s.aws}
	if s.clients == nil || !e.any() {
		return nil, nil
	}
	calls, buckets, err := s.clients(context.Background(), e)
	if err != nil {
		return nil, err
	}
	if tasks[ofAWS] == nil {
		tasks[ofAWS] = calls
	}
	return buckets, nil
}

const (
	ofAWS         = "arn:aws:*"        // the pattern of all resources of AWS
	everyEndpoint = "AWS_ENDPOINT_URL" // the variable of the environment for the services that have none of their own
)

// checked says what would be served. It leaves no database behind that was not there.
func (s *server) checked(ctx context.Context, m *machines, all []machine, at net.Addr) error {
	_, before := os.Stat(s.database)
	_, closeStore, err := s.open(ctx)
	if err != nil {
		return err
	}
	err = closeStore()
	if s.database != inMemory && !s.inPostgres() && errors.Is(before, fs.ErrNotExist) {
		err = errors.Join(err, os.Remove(s.database))
	}
	if err != nil {
		return err
	}
	for _, one := range all {
		fmt.Fprintf(s.out, "would serve %s  (%s)\n", m.arn(one.name), one.from)
	}
	_, err = fmt.Fprintf(s.out, "All is well: %s is free, and %s can be used.\n", at, s.keptIn())
	return err
}

// lookEvery is how often --watch looks at the files.
const lookEvery = 500 * time.Millisecond

// serve answers until a signal comes.
func (s *server) serve(ctx context.Context, h *sfnapi.Handler, listener net.Listener, m *machines) error {
	until, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(until, stop) // a second signal ends the process at once
	if s.watch {
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		watching := make(chan struct{})
		go func() {
			defer close(watching)
			m.watch(until, tick.C)
		}()
		defer func() {
			stop()
			<-watching
		}()
	}
	return h.Serve(until, listener)
}

func (s *server) logger() (*slog.Logger, error) {
	switch s.log {
	case "text":
		return slog.New(slog.NewTextHandler(s.errs, nil)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(s.errs, nil)), nil
	case "off":
		return nil, nil
	}
	return nil, fmt.Errorf("--log %s: expected text, json or off", s.log)
}

// listener listens, but not where other machines could call by mistake.
func (s *server) listener(ctx context.Context) (net.Listener, error) {
	host, _, err := net.SplitHostPort(s.listen)
	if err != nil {
		return nil, fmt.Errorf("--listen %s: expected HOST:PORT: %w", s.listen, err)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.listen)
	if err != nil {
		return nil, fmt.Errorf("--listen %s: %w", s.listen, explainPort(ctx, s.listen, err))
	}
	if at, ok := listener.Addr().(*net.TCPAddr); ok && !s.public && s.keys == "" && !at.IP.IsLoopback() {
		return nil, errors.Join(fmt.Errorf("--listen %s: %q is an address that other machines reach: add --keys, or --public if all who reach it may run workflows", s.listen, host), listener.Close())
	}
	return listener, nil
}

func (s *server) open(ctx context.Context) (store.Store, func() error, error) {
	if s.database == inMemory {
		return store.Memory(), func() error { return nil }, nil
	}
	if s.inPostgres() {
		kept, err := sqlstore.OpenPostgres(ctx, s.database, "")
		if err != nil {
			return nil, nil, fmt.Errorf("--db %s: %w", s.keptIn(), err)
		}
		return kept, kept.Close, nil
	}
	kept, err := sqlstore.OpenSQLite(ctx, s.database)
	if err != nil {
		return nil, nil, fmt.Errorf("--db %s: %w", s.database, explainDatabase(s.database, err))
	}
	return kept, kept.Close, nil
}

// keptIn says where everything is kept, without a password.
func (s *server) keptIn() string {
	if !s.inPostgres() {
		return s.database
	}
	u, err := url.Parse(s.database)
	if err != nil {
		return "postgres"
	}
	return u.Redacted()
}

func (s *server) inPostgres() bool {
	return strings.HasPrefix(s.database, "postgres://") || strings.HasPrefix(s.database, "postgresql://")
}

// greet says where the server is and how to try it.
func (s *server) greet(at net.Addr, tasks int) {
	fmt.Fprintf(s.out, "Statemill serves Step Functions at http://%s (kept in: %s, tasks: %d).\n", at, s.keptIn(), tasks)
	fmt.Fprintf(s.out, "Try:  aws stepfunctions --endpoint-url http://%s list-state-machines\n", at)
	if !s.noConsole {
		fmt.Fprintf(s.out, "Console:  http://%s%s\n", at, consolePath)
	}
	if s.keys != "" {
		fmt.Fprintln(s.out, "Requests must be signed with a key of "+s.keys+".")
		return
	}
	fmt.Fprintln(s.out, "Any credentials will do:  export AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any AWS_DEFAULT_REGION="+s.region)
}
