package sqlstore

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// news tells processes that messages have been stored. It is a hint: what is not told is found by the
// next Poll. NOTIFY is not part of the transaction that stores a message, because PostgreSQL
// commits transactions with a NOTIFY one after the other.
type news struct {
	pool    *pgxpool.Pool
	channel string
	pending chan struct{} // messages were stored of which others have not been told

	ctx  context.Context // ends with the store
	end  context.CancelFunc
	done sync.WaitGroup

	mu        sync.Mutex
	listeners map[chan struct{}]bool
	listening bool
}

const (
	newsPause   = 10 * time.Millisecond // between two notifications of a process
	newsTimeout = 5 * time.Second       // for one
	newsRetry   = time.Second           // until the next try to listen
)

func newNews(pool *pgxpool.Pool, schema string) *news {
	n := &news{pool: pool, channel: "statemill " + schema, pending: make(chan struct{}, 1), listeners: make(map[chan struct{}]bool)}
	n.ctx, n.end = context.WithCancel(context.Background())
	n.done.Add(1)
	return n
}

// stop reports whether it was running.
func (n *news) stop() bool {
	running := !n.stopped()
	n.end()
	n.done.Wait()
	return running
}

func (n *news) stopped() bool { return n.ctx.Err() != nil }

// announce says that messages have been stored: to this process now, to others soon.
func (n *news) announce() {
	n.spread()
	select {
	case n.pending <- struct{}{}:
	default: // it is pending already
	}
}

// spread tells the listeners of this process.
func (n *news) spread() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for listener := range n.listeners {
		select {
		case listener <- struct{}{}:
		default: // it has been told already
		}
	}
}

// tell tells other processes, until the store is closed.
func (n *news) tell() {
	defer n.done.Done()
	for {
		select {
		case <-n.pending:
		case <-n.ctx.Done():
			return
		}
		bounded, cancel := context.WithTimeout(n.ctx, newsTimeout)
		_, _ = n.pool.Exec(bounded, "select pg_notify($1, '')", n.channel) // nobody is told: they poll
		cancel()
		n.rest(newsPause)
	}
}

func (n *news) rest(pause time.Duration) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-n.ctx.Done():
	}
}

// Notify implements store.Notifier.
func (s *Postgres) Notify(ctx context.Context) <-chan struct{} {
	n, listener := s.news, make(chan struct{}, 1)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.listeners[listener] = true
	if !n.listening && !n.stopped() {
		n.listening = true
		n.done.Add(1)
		go n.listen()
	}
	context.AfterFunc(ctx, func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.listeners, listener)
	})
	return listener
}

// listen hears what other processes tell, until the store is closed. While it cannot, they are not
// heard, and found by the next Poll.
func (n *news) listen() {
	defer n.done.Done()
	for n.ctx.Err() == nil {
		n.listenOnce()
		n.rest(newsRetry)
	}
}

func (n *news) listenOnce() {
	taken, err := n.pool.Acquire(n.ctx)
	if err != nil {
		return
	}
	conn := taken.Hijack() // it waits for ever, and is none that others may have
	defer func() { _ = conn.Close(context.WithoutCancel(n.ctx)) }()
	if _, err := conn.Exec(n.ctx, "listen "+quoted(n.channel)); err != nil {
		return
	}
	n.spread() // something may have been told meanwhile
	for {
		if _, err := conn.WaitForNotification(n.ctx); err != nil {
			return
		}
		n.spread()
	}
}
