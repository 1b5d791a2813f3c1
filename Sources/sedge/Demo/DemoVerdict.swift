/// Whether the demo showed what it promises: pure, from what came back and what really happened.
struct DemoVerdict: Equatable {
    /// Milliseconds of event time from the fault's start to the report; nil: it was never reported.
    var delay: Int64?
    /// Anomalies of any stream that were reported before the fault began.
    var falseAlarms: [String]
    var insightsStored: Int
    var checkpointsStored: Int

    init(events: [DemoBoard.Event], worn: String, faultStart: Int64, insightsStored: Int, checkpointsStored: Int) {
        let starts = events.filter { $0.kind == "anomaly" && $0.phase == "start" }
        delay = starts.first { $0.stream == worn && $0.ts >= faultStart }.map { $0.ts - faultStart }
        falseAlarms = starts.filter { $0.ts < faultStart }.map { "\($0.stream) at \($0.ts)" }
        self.insightsStored = insightsStored
        self.checkpointsStored = checkpointsStored
    }

    /// What is wrong, a sentence each; empty: the demo passed.
    var problems: [String] {
        var problems: [String] = []
        if delay == nil { problems.append("the fault was not reported") }
        if !falseAlarms.isEmpty {
            problems.append("anomalies were raised before the fault: \(falseAlarms.joined(separator: ", "))")
        }
        if insightsStored == 0 { problems.append("the database holds no insight") }
        if checkpointsStored == 0 { problems.append("the database holds no learned state") }
        return problems
    }
}
