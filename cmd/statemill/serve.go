package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/statemill/statemill/contrib/sqlstore"
	"github.com/statemill/statemill/runtime"
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

	out, errs io.Writer
}

// inMemory is the --db that keeps nothing.
const inMemory = "memory"

func serveCommand() *cobra.Command {
	s := new(server)
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serves the API of Step Functions on one port.",
		Long: `Serves the API of AWS Step Functions: the aws command, the SDKs and Terraform talk to
it unchanged. State machines and executions are in one file and survive the process.
Each request is a line on stderr.`,
		Example: `  statemill serve
  statemill serve --db memory --task 'greet=json:{"hello": "world"}'
  statemill serve --task charge=http://localhost:8000/charge --task 'stock=exec:python3 stock.py'
  statemill serve --task 'risky=error:Timeout:the bank sleeps' --task '*:function:*=echo'`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s.out, s.errs = c.OutOrStdout(), c.ErrOrStderr()
			return s.run(c.Context())
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
	f.StringVar(&s.log, "log", "text", "the `form` of the log: text, json or off")
	return c
}

func (s *server) run(ctx context.Context) (err error) {
	logger, err := s.logger()
	if err != nil {
		return err
	}
	tasks, err := parseTasks(s.tasks)
	if err != nil {
		return err
	}
	secret, err := readKeys(s.keys)
	if err != nil {
		return err
	}
	listener, err := s.listener(ctx)
	if err != nil {
		return err
	}
	defer listener.Close()
	kept, closeStore, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore()) }()
	h, err := sfnapi.Open(ctx, kept, sfnapi.Config{
		Engine:  runtime.EngineConfig{Tasks: tasks, Logger: logger},
		Account: s.account, Region: s.region, Public: s.public, Origins: s.origins, Secret: secret,
	})
	if err != nil {
		return err
	}
	s.greet(listener.Addr(), tasks)
	until, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(until, stop) // a second signal ends the process at once
	err = h.Serve(until, listener)
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return errors.Join(err, h.Close(last))
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
		return nil, fmt.Errorf("--listen %s: %w", s.listen, err)
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
		return nil, nil, fmt.Errorf("--db %s: %w", s.database, err)
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
func (s *server) greet(at net.Addr, tasks runtime.Mux) {
	fmt.Fprintf(s.out, "Statemill serves Step Functions at http://%s (kept in: %s, tasks: %d).\n", at, s.keptIn(), len(tasks))
	fmt.Fprintf(s.out, "Try:  aws stepfunctions --endpoint-url http://%s list-state-machines\n", at)
	if s.keys != "" {
		fmt.Fprintln(s.out, "Requests must be signed with a key of "+s.keys+".")
		return
	}
	fmt.Fprintln(s.out, "Any credentials will do:  export AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any AWS_DEFAULT_REGION="+s.region)
}
