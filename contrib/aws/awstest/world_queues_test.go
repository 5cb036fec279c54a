package awstest

import (
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/statemill/statemill/jsonvalue"
)

// message is one in a queue.
type message struct {
	id, body string
	received bool
}

func digest(text []byte) string {
	sum := md5.Sum(text)
	return hex.EncodeToString(sum[:])
}

// queue returns the name of the queue that a request is about; it is refused if there is none.
func (w *world) queue(a *answer) (name string, ok bool) {
	u := a.text("QueueUrl")
	name = u[strings.LastIndexByte(u, '/')+1:]
	if _, ok = w.queues[name]; !ok {
		a.recorder.Header().Set("X-Amzn-Query-Error", "AWS.SimpleQueueService.NonExistentQueue;Sender")
		a.refuse("com.amazonaws.sqs#QueueDoesNotExist", "The specified queue does not exist.")
	}
	return name, ok
}

func (w *world) sendMessage(a *answer) {
	name, ok := w.queue(a)
	if !ok {
		return
	}
	m := message{id: w.newID(), body: a.text("MessageBody")}
	w.queues[name] = append(w.queues[name], m)
	attributes := ""
	if given, ok := a.body.Get("MessageAttributes"); ok && given.Len() > 0 {
		attributes = fmt.Sprintf(`"MD5OfMessageAttributes":"%s",`, digestOf(given))
	}
	a.json(http.StatusOK, fmt.Sprintf(`{%s"MD5OfMessageBody":"%s","MessageId":"%s"}`, attributes, digest([]byte(m.body)), m.id))
}

// digestOf returns that of the attributes of a message: names, types and values with their lengths.
func digestOf(attributes jsonvalue.Value) string {
	byName := maps.Collect(attributes.Members())
	var all []byte
	part := func(text string) {
		all = binary.BigEndian.AppendUint32(all, uint32(len(text)))
		all = append(all, text...)
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		part(name)
		kind, _ := byName[name].Get("DataType")
		value, _ := byName[name].Get("StringValue")
		text, _ := kind.AsString()
		part(text)
		all = append(all, 1)
		text, _ = value.AsString()
		part(text)
	}
	return digest(all)
}

func (w *world) receiveMessage(a *answer) {
	name, ok := w.queue(a)
	if !ok {
		return
	}
	for i := range w.queues[name] {
		m := &w.queues[name][i]
		if m.received {
			continue
		}
		m.received = true
		text, _ := json.Marshal(m.body)
		a.json(http.StatusOK, fmt.Sprintf(`{"Messages":[{"Body":%s,"MD5OfBody":"%s","MessageId":"%s","ReceiptHandle":"%s"}]}`, text, digest([]byte(m.body)), m.id, m.id))
		return
	}
	a.json(http.StatusOK, "{}")
}

func (w *world) deleteMessage(a *answer) {
	name, ok := w.queue(a)
	if !ok {
		return
	}
	w.queues[name] = slices.DeleteFunc(w.queues[name], func(m message) bool { return m.id == a.text("ReceiptHandle") })
	a.json(http.StatusOK, "")
}

// publish stands in for SNS, which speaks the protocol of queries.
func (w *world) publish(a *answer, body string) {
	asked, _ := url.ParseQuery(body)
	topic := asked.Get("TopicArn")
	refuse := func(status int, code, text string) {
		a.head("text/xml")
		a.write(status, fmt.Sprintf(`<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>%s</RequestId></ErrorResponse>`, code, text, a.id))
	}
	fifo := strings.HasSuffix(topic, ".fifo")
	switch {
	case asked.Get("Action") != "Publish":
		refuse(http.StatusBadRequest, "InvalidAction", "Could not find operation "+asked.Get("Action"))
		return
	case len(strings.Split(topic, ":")) < 6:
		refuse(http.StatusBadRequest, "InvalidParameter", "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not "+fmt.Sprint(len(strings.Split(topic, ":"))))
		return
	case !w.topics[topic]:
		refuse(http.StatusNotFound, "NotFound", "Topic does not exist")
		return
	case fifo && asked.Get("MessageGroupId") == "":
		refuse(http.StatusBadRequest, "InvalidParameter", "Invalid parameter: The MessageGroupId parameter is required for FIFO topics")
		return
	}
	sequence := ""
	if fifo {
		sequence = "    <SequenceNumber>10000000000000000000</SequenceNumber>\n"
	}
	a.head("text/xml")
	a.write(http.StatusOK, fmt.Sprintf("<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\n  <PublishResult>\n    <MessageId>%s</MessageId>\n%s  </PublishResult>\n"+
		"  <ResponseMetadata>\n    <RequestId>%s</RequestId>\n  </ResponseMetadata>\n</PublishResponse>\n", w.newID(), sequence, a.id))
}
