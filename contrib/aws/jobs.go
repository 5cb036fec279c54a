package awstasks

// job is what a .sync task waits for: how it is asked about, how it ends, how it is stopped. Paths are those of the optimized names.
type job struct {
	id       []named  // parameters that name the job
	describe string   // the operation that tells how it is
	result   string   // the path to the job in what it tells
	shown    string   // the member that the result has the job in; "": the result is the job
	beside   string   // a member of the response to the start that the result has as well; "": none
	status   string   // the path to the status in the job
	good     []string // statuses
	bad      []string
	stop     string  // the operation that stops it; "": none
	stopped  []named // its parameters, likewise
	reason   string  // a parameter of it that tells why; "": none
	token    string  // the parameter of the start by which a repeated one does nothing, if the client does not know it; "": none
}

// named is a parameter and where its value is: of a job in the response to the start, or in the parameters. One that ends with [] is a
// list.
type named struct{ parameter, path string }

// jobs are the .sync integrations, by service and action. From databrew on it is not known what AWS shows of a job, and which of the
// statuses in the documentation of the services it takes for a good end (unsure).
var jobs = map[string]*job{
	"states:startExecution": {
		id: []named{{"ExecutionArn", "$.ExecutionArn"}}, describe: "describeExecution", result: "$", status: "$.Status",
		good: []string{"SUCCEEDED"}, bad: []string{"FAILED", "TIMED_OUT", "ABORTED"}, stop: "stopExecution", stopped: []named{{"ExecutionArn", "$.ExecutionArn"}}, reason: "Cause",
	},
	"ecs:runTask": {
		id: []named{{"Tasks[]", "$.Tasks[0].TaskArn"}, {"Cluster", "$.Tasks[0].ClusterArn"}}, describe: "describeTasks", result: "$.Tasks[0]", status: "$.LastStatus",
		good: []string{"STOPPED"}, stop: "stopTask", stopped: []named{{"Task", "$.Tasks[0].TaskArn"}, {"Cluster", "$.Tasks[0].ClusterArn"}}, reason: "Reason",
	},
	"batch:submitJob": {
		id: []named{{"Jobs[]", "$.JobId"}}, describe: "describeJobs", result: "$.Jobs[0]", status: "$.Status",
		good: []string{"SUCCEEDED"}, bad: []string{"FAILED"}, stop: "terminateJob", stopped: []named{{"JobId", "$.JobId"}}, reason: "Reason",
	},
	"glue:startJobRun": {
		id: []named{{"JobName", "$.JobName"}, {"RunId", "$.JobRunId"}}, describe: "getJobRun", result: "$.JobRun", status: "$.JobRunState",
		good: []string{"SUCCEEDED"}, bad: []string{"FAILED", "TIMEOUT", "STOPPED", "ERROR", "EXPIRED"}, stop: "batchStopJobRun", stopped: []named{{"JobName", "$.JobName"}, {"JobRunIds[]", "$.JobRunId"}},
	},
	"athena:startQueryExecution": {
		id: []named{{"QueryExecutionId", "$.QueryExecutionId"}}, describe: "getQueryExecution", result: "$", status: "$.QueryExecution.Status.State",
		good: []string{"SUCCEEDED"}, bad: []string{"FAILED", "CANCELLED"}, stop: "stopQueryExecution", stopped: []named{{"QueryExecutionId", "$.QueryExecutionId"}},
	},
	"codebuild:startBuild": {
		id: []named{{"Ids[]", "$.Build.Id"}}, describe: "batchGetBuilds", result: "$.Builds[0]", shown: "Build", status: "$.BuildStatus",
		good: []string{"SUCCEEDED"}, bad: []string{"FAILED", "FAULT", "TIMED_OUT", "STOPPED"}, token: "IdempotencyToken", stop: "stopBuild", stopped: []named{{"Id", "$.Build.Id"}},
	},
	"codebuild:startBuildBatch": buildBatch,
	"codebuild:retryBuildBatch": buildBatch,

	"databrew:startJobRun": {
		id: []named{{"Name", "$.Name"}, {"RunId", "$.RunId"}}, describe: "describeJobRun", result: "$", status: "$.State",
		good: []string{"SUCCEEDED"}, bad: []string{"FAILED", "STOPPED", "TIMEOUT"}, stop: "stopJobRun", stopped: []named{{"Name", "$.Name"}, {"RunId", "$.RunId"}},
	},
	"elasticmapreduce:createCluster": {
		id: clusterID, describe: "describeCluster", result: "$.Cluster", shown: "Cluster", beside: "ClusterId", status: "$.Status.State",
		good: []string{"WAITING"}, bad: []string{"TERMINATED", "TERMINATED_WITH_ERRORS"}, stop: "terminateJobFlows", stopped: []named{{"JobFlowIds[]", "$.ClusterId"}},
	},
	"elasticmapreduce:terminateCluster": {
		id: clusterID, describe: "describeCluster", result: "$.Cluster", shown: "Cluster", status: "$.Status.State",
		good: []string{"TERMINATED", "TERMINATED_WITH_ERRORS"},
	},
	"elasticmapreduce:addStep": {
		id: []named{{"ClusterId", "$.ClusterId"}, {"StepId", "$.StepId"}}, describe: "describeStep", result: "$.Step", shown: "Step", beside: "StepId", status: "$.Status.State",
		good: []string{"COMPLETED"}, bad: []string{"CANCELLED", "FAILED", "INTERRUPTED"}, stop: "cancelSteps", stopped: []named{{"ClusterId", "$.ClusterId"}, {"StepIds[]", "$.StepId"}},
	},
	"emr-containers:startJobRun": {
		id: virtualJobID, describe: "describeJobRun", result: "$.JobRun", status: "$.State",
		good: []string{"COMPLETED"}, bad: []string{"FAILED", "CANCELLED"}, stop: "cancelJobRun", stopped: virtualJobID,
	},
	"emr-containers:deleteVirtualCluster": {
		id: []named{{"Id", "$.Id"}}, describe: "describeVirtualCluster", result: "$.VirtualCluster", status: "$.State",
		good: []string{"TERMINATED"}, bad: []string{"ARRESTED"},
	},
	"emr-serverless:createApplication": application([]string{"CREATED", "STARTED", "STOPPED"}, []string{"TERMINATED"}, "deleteApplication"),
	"emr-serverless:startApplication":  application([]string{"STARTED"}, []string{"TERMINATED"}, "stopApplication"),
	"emr-serverless:stopApplication":   application([]string{"STOPPED", "CREATED"}, []string{"TERMINATED"}, ""),
	"emr-serverless:deleteApplication": application([]string{"TERMINATED"}, nil, ""),
	"emr-serverless:startJobRun": {
		id: serverlessJobID, describe: "getJobRun", result: "$.JobRun", status: "$.State",
		good: []string{"SUCCESS"}, bad: []string{"FAILED", "CANCELLED"}, stop: "cancelJobRun", stopped: serverlessJobID,
	},
	"emr-serverless:cancelJobRun": {
		id: serverlessJobID, describe: "getJobRun", result: "$.JobRun", status: "$.State",
		good: []string{"CANCELLED"}, bad: []string{"SUCCESS", "FAILED"},
	},
	"sagemaker:createTrainingJob":             sageMakerJob("TrainingJob"),
	"sagemaker:createTransformJob":            sageMakerJob("TransformJob"),
	"sagemaker:createProcessingJob":           sageMakerJob("ProcessingJob"),
	"sagemaker:createLabelingJob":             sageMakerJob("LabelingJob"),
	"sagemaker:createHyperParameterTuningJob": sageMakerJob("HyperParameterTuningJob"),
	"mediaconvert:createJob": {
		id: []named{{"Id", "$.Job.Id"}}, describe: "getJob", result: "$.Job", shown: "Job", status: "$.Status",
		good: []string{"COMPLETE"}, bad: []string{"ERROR", "CANCELED"}, stop: "cancelJob", stopped: []named{{"Id", "$.Job.Id"}},
	},
	"bedrock:createModelCustomizationJob": {
		id: []named{{"JobIdentifier", "$.JobArn"}}, describe: "getModelCustomizationJob", result: "$", status: "$.Status",
		good: []string{"Completed"}, bad: []string{"Failed", "Stopped"}, stop: "stopModelCustomizationJob", stopped: []named{{"JobIdentifier", "$.JobArn"}},
	},
}

var (
	clusterID       = []named{{"ClusterId", "$.ClusterId"}}
	virtualJobID    = []named{{"Id", "$.Id"}, {"VirtualClusterId", "$.VirtualClusterId"}}
	serverlessJobID = []named{{"ApplicationId", "$.ApplicationId"}, {"JobRunId", "$.JobRunId"}}
)

// buildBatch is a batch of builds of CodeBuild.
var buildBatch = &job{
	id: []named{{"Ids[]", "$.BuildBatch.Id"}}, describe: "batchGetBuildBatches", result: "$.BuildBatches[0]", shown: "BuildBatch", status: "$.BuildBatchStatus",
	good: []string{"SUCCEEDED"}, bad: []string{"FAILED", "FAULT", "TIMED_OUT", "STOPPED"}, token: "IdempotencyToken", stop: "stopBuildBatch", stopped: []named{{"Id", "$.BuildBatch.Id"}},
}

// application returns what is waited for when an application of EMR Serverless gets another state.
func application(good, bad []string, stop string) *job {
	id := []named{{"ApplicationId", "$.ApplicationId"}}
	return &job{id: id, describe: "getApplication", result: "$.Application", status: "$.State", good: good, bad: bad, stop: stop, stopped: id}
}

// sageMakerJob returns a job of SageMaker. Its name is a parameter: a start that is repeated is refused, and starts nothing.
func sageMakerJob(kind string) *job {
	id := []named{{kind + "Name", "$." + kind + "Name"}}
	return &job{
		id: id, describe: "describe" + kind, result: "$", status: "$." + kind + "Status",
		good: []string{"Completed"}, bad: []string{"Failed", "Stopped"}, stop: "stop" + kind, stopped: id,
	}
}
