// Package sfnapi serves the API of Step Functions: whatever talks to AWS talks to a
// [Handler], which keeps state machines and executions in a store.
//
//	h, err := sfnapi.Open(ctx, store, sfnapi.Config{Engine: runtime.EngineConfig{Tasks: tasks}})
//	http.Handle("/", h)                    // in a service of yours
//	err = h.Serve(ctx, listener)           // alone, with the limits that a server needs
//	client := &http.Client{Transport: h}   // in a test, without a port
//
// It answers as AWS does, in AWS's words. It refuses what it does not do, with a fault that
// says so.
//
// # Who may call
//
// If Config.Secret is set, requests must be signed. Else they are not authenticated: a Handler then
// serves only connections to a loopback address unless Config.Public is set. It serves no request that a browser sends from a page, unless
// Config.Origins lists where the page is from.
//
// # Credentials, regions and accounts
//
// Without Config.Secret any credentials will do, and none. The region in them is that of the ARNs: a state
// machine that was made with credentials for eu-west-1 is seen with these, and not
// with those for another region.
//
// # How it works
//
// handler.go has the table of operations and the way from a request to its answer;
// access.go and signature.go decide who may ask. decode.go reads a body into the struct of its operation by
// the tags of the struct (shape.go), and collects what constraint.go finds. fault.go has
// the errors that a client sees, arn.go and name.go read ARNs and names, page.go tokens of
// pages; answer.go makes answers.
//
// machine.go has the documents that are a state machine. statemachines.go, update.go,
// versions.go, aliases.go, tags.go and deletion.go have the operations on them, configuration.go the structures
// that these take, and revisions.go keeps compiled what was used last. executions.go, redrive.go,
// history.go, tokens.go and activities.go ask the Engine, or the executions that are there instead (elsewhere.go). validate.go and teststate.go need neither store
// nor Engine. resources.go says who performs tasks, nested.go finds the state machines that tasks start, and
// sdk.go performs operations that tasks ask for. express.go has the executions that no Engine keeps, and logs.go
// what executions write to log groups. beside.go puts other handlers beside the API.
package sfnapi
