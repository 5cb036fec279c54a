package sqlstore_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/statemill/statemill/contrib/sqlstore"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

func ExampleOpenSQLite() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	s, err := sqlstore.OpenSQLite(ctx, filepath.Join(dir, "executions.db"))
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()

	r := store.Record{Status: interp.Running}
	r.Execution = "order 17"
	refused, err := s.Commit(ctx, []store.Change{{By: "process 1", ID: r.Execution, Revision: 1, Record: &r}})
	fmt.Println(refused, err)
	refused, err = s.Commit(ctx, []store.Change{{By: "process 2", ID: r.Execution, Revision: 1, Record: &r}})
	fmt.Println(refused, err)

	records, err := s.List(ctx, store.Query{Status: interp.Running})
	fmt.Println(len(records), records[0].Execution, err)
	// Output:
	// [] <nil>
	// [the execution exists] <nil>
	// 1 order 17 <nil>
}
