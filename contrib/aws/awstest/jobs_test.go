package awstest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/batch"
	"github.com/stretchr/testify/require"

	awstasks "github.com/statemill/statemill/contrib/aws"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/store"
)

// endless is a service whose jobs run until they are stopped. It answers the first request, which starts one, when it may.
type endless struct {
	start string        // what it answers to a start
	may   chan struct{} // is closed when it may answer
	asked chan struct{} // gets something with each of the first requests
	count atomic.Int64  // of requests
	first atomic.Value  // which starts a job
	last  atomic.Value
	again atomic.Bool // the first has come again
}

// ServeHTTP implements http.Handler.
func (e *endless) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	n := e.count.Add(1)
	line := strings.TrimSpace(fmt.Sprintf("%s %s %s %s", r.Method, r.URL.RequestURI(), r.Header.Get("X-Amz-Target"), body))
	e.last.Store(line)
	if !e.first.CompareAndSwap(nil, line) && e.first.Load() == line {
		e.again.Store(true)
	}
	select {
	case e.asked <- struct{}{}:
	default:
	}
	if n > 1 {
		_, _ = io.WriteString(w, "{}")
		return
	}
	select {
	case <-e.may:
		_, _ = io.WriteString(w, e.start)
	case <-r.Context().Done():
	}
}

// endlessJobs are the .sync integrations whose jobs can be stopped.
var endlessJobs = []struct{ resource, parameters, start, stop string }{
	{"states:startExecution", `{"StateMachineArn": "m"}`, `{"executionArn":"arn:e"}`, `POST / AWSStepFunctions.StopExecution {"cause":"The task of arn:e1 is not waited for any more","executionArn":"arn:e"}`},
	{"ecs:runTask", `{"TaskDefinition": "d"}`, `{"tasks":[{"taskArn":"arn:t","clusterArn":"arn:c"}]}`, `POST / AmazonEC2ContainerServiceV20141113.StopTask {"task":"arn:t","cluster":"arn:c","reason":"The task of arn:e1 is not waited for any more"}`},
	{"batch:submitJob", `{"JobName": "j"}`, `{"jobId":"7"}`, `POST /v1/terminatejob  {"jobId":"7","reason":"The task of arn:e1 is not waited for any more"}`},
	{"glue:startJobRun", `{"JobName": "j"}`, `{"JobRunId":"r"}`, `POST / AWSGlue.BatchStopJobRun {"JobName":"j","JobRunIds":["r"]}`},
	{"athena:startQueryExecution", `{"QueryString": "q"}`, `{"QueryExecutionId":"q"}`, `POST / AmazonAthena.StopQueryExecution {"QueryExecutionId":"q"}`},
	{"codebuild:startBuild", `{"ProjectName": "p"}`, `{"build":{"id":"p:1"}}`, `POST / CodeBuild_20161006.StopBuild {"id":"p:1"}`},
	{"codebuild:startBuildBatch", `{"ProjectName": "p"}`, `{"buildBatch":{"id":"p:1"}}`, `POST / CodeBuild_20161006.StopBuildBatch {"id":"p:1"}`},
	{"databrew:startJobRun", `{"Name": "j"}`, `{"RunId":"r"}`, `POST /jobs/j/jobRun/r/stopJobRun`},
	{"elasticmapreduce:createCluster", `{"Name": "c"}`, `{"JobFlowId":"j-1"}`, `POST / ElasticMapReduce.TerminateJobFlows {"JobFlowIds":["j-1"]}`},
	{"elasticmapreduce:addStep", `{"ClusterId": "j-1", "Step": {}}`, `{"StepIds":["s-1"]}`, `POST / ElasticMapReduce.CancelSteps {"ClusterId":"j-1","StepIds":["s-1"]}`},
	{"emr-containers:startJobRun", `{"VirtualClusterId": "v"}`, `{"id":"r","virtualClusterId":"v"}`, `DELETE /virtualclusters/v/jobruns/r`},
	{"emr-serverless:startJobRun", `{"ApplicationId": "a", "ExecutionRoleArn": "r"}`, `{"applicationId":"a","jobRunId":"r"}`, `DELETE /applications/a/jobruns/r`},
	{"emr-serverless:createApplication", `{"Type": "SPARK"}`, `{"applicationId":"a"}`, `DELETE /applications/a`},
	{"emr-serverless:startApplication", `{"ApplicationId": "a"}`, `{}`, `POST /applications/a/stop`},
	{"sagemaker:createTrainingJob", `{"TrainingJobName": "t"}`, `{}`, `POST / SageMaker.StopTrainingJob {"TrainingJobName":"t"}`},
	{"sagemaker:createTransformJob", `{"TransformJobName": "t"}`, `{}`, `POST / SageMaker.StopTransformJob {"TransformJobName":"t"}`},
	{"sagemaker:createProcessingJob", `{"ProcessingJobName": "t"}`, `{}`, `POST / SageMaker.StopProcessingJob {"ProcessingJobName":"t"}`},
	{"sagemaker:createLabelingJob", `{"LabelingJobName": "t"}`, `{}`, `POST / SageMaker.StopLabelingJob {"LabelingJobName":"t"}`},
	{"sagemaker:createHyperParameterTuningJob", `{"HyperParameterTuningJobName": "t"}`, `{}`, `POST / SageMaker.StopHyperParameterTuningJob {"HyperParameterTuningJobName":"t"}`},
	{"mediaconvert:createJob", `{"Role": "r"}`, `{"job":{"id":"7"}}`, `DELETE /2017-08-29/jobs/7`},
	{"bedrock:createModelCustomizationJob", `{"JobName": "j"}`, `{"jobArn":"arn:j"}`, `POST /model-customization-jobs/arn%3Aj/stop`},
}

// A job is stopped when nobody wants it any more: one that runs, and one whose start is answered only then.
func TestJobsAreStopped(t *testing.T) {
	for _, c := range endlessJobs {
		for _, late := range []bool{false, true} {
			service := &endless{start: c.start, may: make(chan struct{}), asked: make(chan struct{}, 2)}
			if !late {
				close(service.may)
			}
			e := service.run(t, store.Memory(), c.resource, c.parameters)
			<-service.asked
			if !late {
				<-service.asked // how it is
			}
			_, err := e.Stop(t.Context(), "arn:e1", "", "")
			require.NoError(t, err)
			if late {
				close(service.may)
			}
			require.NoError(t, e.Close(context.WithoutCancel(t.Context())))
			require.Equal(t, c.stop, service.last.Load(), "%s, late: %v", c.resource, late)
		}
	}
}

// A job is not started again by the process that takes its execution up, whichever names it: the response to the start or the
// parameters.
func TestJobsAreTakenUp(t *testing.T) {
	for _, c := range endlessJobs {
		service := &endless{start: c.start, may: make(chan struct{}), asked: make(chan struct{}, 2)}
		close(service.may)
		kept := store.Memory()
		e := service.run(t, kept, c.resource, c.parameters)
		<-service.asked
		<-service.asked
		require.NoError(t, e.Close(context.WithoutCancel(t.Context())))
		for len(service.asked) > 0 {
			<-service.asked
		}
		e = service.open(t, kept)
		<-service.asked
		_, err := e.Stop(t.Context(), "arn:e1", "", "")
		require.NoError(t, err)
		require.NoError(t, e.Close(context.WithoutCancel(t.Context())))
		require.False(t, service.again.Load(), "%s is started again", c.resource)
		require.Equal(t, c.stop, service.last.Load(), c.resource)
	}
}

// open opens an Engine whose tasks call the service.
func (e *endless) open(t *testing.T, s store.Store) *runtime.Engine {
	t.Helper()
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	tasks, err := awstasks.New(clientsAt(server.URL)...)
	require.NoError(t, err)
	tasks.Poll = time.Millisecond
	engine, err := runtime.Open(t.Context(), s, runtime.EngineConfig{Name: "process", Tasks: tasks})
	require.NoError(t, err)
	return engine
}

// run starts an execution with a task that waits for a job.
func (e *endless) run(t *testing.T, s store.Store, resource, parameters string) *runtime.Engine {
	t.Helper()
	engine := e.open(t, s)
	program := compiled(t, `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::`+resource+`.sync", "End": true}}}`)
	_, err := engine.Start(t.Context(), program, runtime.Identity{Execution: "arn:e1"}, jsonvalue.MustParse(parameters), nil)
	require.NoError(t, err)
	return engine
}

// A start that is not answered does not keep a process that ends.
func TestStartWithoutAnswer(t *testing.T) {
	service := &endless{may: make(chan struct{}), asked: make(chan struct{}, 2)}
	e := service.run(t, store.Memory(), "batch:submitJob", `{"JobName": "j"}`)
	<-service.asked
	require.NoError(t, e.Close(context.WithoutCancel(t.Context())))
	require.Equal(t, int64(1), service.count.Load())
}

// silent is a server that does not answer.
type silent struct{ gaveUp chan time.Duration }

// Do implements aws.HTTPClient.
func (s *silent) Do(r *http.Request) (*http.Response, error) {
	begun := time.Now()
	<-r.Context().Done()
	s.gaveUp <- time.Since(begun)
	return nil, r.Context().Err()
}

// The answer to a start that nobody wants any more is not waited for without end.
func TestStartUnwanted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &silent{make(chan time.Duration, 1)}
		cfg := configAt("http://nowhere")
		cfg.HTTPClient = server
		tasks, err := awstasks.New(batch.NewFromConfig(cfg))
		require.NoError(t, err)
		r := runtime.Runner{Tasks: tasks}
		begun := time.Now()
		_, err = r.Run(t.Context(), compiled(t, `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::batch:submitJob.sync", "TimeoutSeconds": 5, "End": true}}}`), jsonvalue.Object())
		require.ErrorContains(t, err, "States.Timeout")
		require.Equal(t, 5*time.Second, time.Since(begun))
		require.Equal(t, 65*time.Second, <-server.gaveUp)
	})
}

// lost is a server whose answer to the first question about a job gets lost.
type lost struct{ requests int }

// Do implements aws.HTTPClient.
func (l *lost) Do(r *http.Request) (*http.Response, error) {
	answer := `{"jobId":"7"}`
	switch l.requests++; l.requests {
	case 1:
	case 2:
		<-r.Context().Done()
		return nil, r.Context().Err()
	default:
		answer = `{"jobs":[{"jobId":"7","status":"SUCCEEDED"}]}`
	}
	return &http.Response{StatusCode: http.StatusOK, Header: make(http.Header), Body: io.NopCloser(strings.NewReader(answer)), Request: r}, nil
}

// A question about a job whose answer does not come is asked again.
func TestAnswerLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := configAt("http://nowhere")
		cfg.HTTPClient = new(lost)
		tasks, err := awstasks.New(batch.NewFromConfig(cfg))
		require.NoError(t, err)
		r := runtime.Runner{Tasks: tasks}
		begun := time.Now()
		out, err := r.Run(t.Context(), compiled(t, `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::batch:submitJob.sync", "End": true}}}`), jsonvalue.Object())
		require.NoError(t, err)
		require.Equal(t, `{"JobId":"7","Status":"SUCCEEDED"}`, out.String())
		require.Equal(t, time.Second+time.Minute+2*time.Second, time.Since(begun))
	})
}
