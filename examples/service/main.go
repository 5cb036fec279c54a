// Command service takes orders over HTTP. A large one waits for a person, however often the service is started again.
//
//	curl -d '{"amount": 250}' localhost:8080/orders/7
//	curl localhost:8080/orders/7                      shows the path to send the answer to
//	curl -d '{"approved": true}' localhost:8080/answers/TOKEN
//	curl localhost:8080/orders/7/result               waits for the end
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/contrib/sqlstore"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/store"
)

//go:embed order.asl.json
var definition []byte

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	listener, err := net.Listen("tcp", "localhost:8080")
	if err == nil {
		err = run(ctx, listener, "orders.db")
	}
	if err != nil {
		log.Fatal(err)
	}
}

// run serves until ctx ends. Then it lets requests end and gives the executions back to the file.
func run(ctx context.Context, listener net.Listener, file string) (err error) {
	machine, err := asl.Parse(definition)
	if err != nil {
		return err
	}
	program, err := runtime.Compile(machine)
	if err != nil {
		return err
	}
	orders, err := sqlstore.OpenSQLite(ctx, file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, orders.Close()) }()
	engine, err := runtime.Open(ctx, orders, runtime.EngineConfig{Tasks: runtime.InvokerFunc(perform)})
	if err != nil {
		return err
	}
	server := &http.Server{Handler: routes(engine, program)}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	// Close ends the requests that wait for an order; Shutdown lets the others end.
	return errors.Join(err, engine.Close(context.Background()), server.Shutdown(context.Background()))
}

func perform(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
	if task.Resource == "ask" {
		return jsonvalue.Value{}, runtime.ErrPending // a person answers
	}
	return jsonvalue.String("charged as " + task.ID()), nil
}

func routes(engine *runtime.Engine, program *runtime.Program) http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, do func(ctx context.Context, name string, sent jsonvalue.Value) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			var sent jsonvalue.Value
			shown, err := any(nil), error(nil)
			if r.Method == http.MethodPost {
				err = json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<18)).Decode(&sent)
			}
			if err == nil {
				shown, err = do(r.Context(), r.PathValue("name"), sent)
			}
			if err != nil {
				w.WriteHeader(http.StatusConflict)
				shown = err.Error()
			}
			_ = json.NewEncoder(w).Encode(shown)
		})
	}
	handle("POST /orders/{name}", func(ctx context.Context, name string, order jsonvalue.Value) (any, error) {
		_, err := engine.Start(ctx, program, runtime.Identity{ExecutionName: name, Execution: "order:" + name}, order, nil)
		return "accepted", err
	})
	handle("GET /orders/{name}", func(ctx context.Context, name string, _ jsonvalue.Value) (any, error) {
		record, err := engine.Describe(ctx, "order:"+name)
		shown := map[string]any{"status": record.Status}
		open, openErr := engine.OpenTasks(ctx, store.Query{ID: "order:" + name})
		for _, task := range open {
			shown["answer"] = "/answers/" + task.Token
		}
		return shown, errors.Join(err, openErr)
	})
	handle("GET /orders/{name}/result", func(ctx context.Context, name string, _ jsonvalue.Value) (any, error) {
		return engine.Wait(ctx, "order:"+name)
	})
	handle("POST /answers/{name}", func(ctx context.Context, token string, answer jsonvalue.Value) (any, error) {
		return "thank you", engine.SucceedTask(ctx, token, answer)
	})
	return mux
}
