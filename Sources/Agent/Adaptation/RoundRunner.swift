import SedgeCore

/// Who does tier 2's rounds: a thread of its own in the agent, the pipeline itself in evaluations.
protocol RoundRunner: AnyObject {
    /// Whether a round is in hand.
    var isBusy: Bool { get }
    /// Takes a round over. Only when not busy.
    /// - Parameter owner: the model that it is for.
    func start(_ round: sending AdaptationRound, for owner: String)
    /// Lets the time of so many steps of streams pass.
    func advance(steps: Int)
    /// What the last round came to, once; with what there is to complain of. Nil where it was for another.
    func take(for owner: String) -> RoundReport?
    /// Drops what is in hand for a model that has gone: nobody will ask for it, and others wait.
    func abandon(_ owner: String)
}

/// What a round came to.
struct RoundReport: Sendable {
    var result: AdaptationRound.Result
    var complaints: [(stream: StreamID, complaint: ReplayComplaint)]
}

/// So many slices of training for every step of a stream: the same on every machine.
final class SteppedRunner: RoundRunner {
    private var round: AdaptationRound?
    private var report: RoundReport?
    private var owner = ""
    private let slicesPerStep: Double
    private var credit = 0.0

    init(slicesPerStep: Double) { self.slicesPerStep = slicesPerStep }

    var isBusy: Bool { round != nil || report != nil }

    func start(_ round: sending AdaptationRound, for owner: String) {
        (self.round, self.owner) = (round, owner)
        credit = 0
    }

    func advance(steps: Int) {
        credit += Double(steps) * slicesPerStep
        while credit >= 1, round != nil {
            credit -= 1
            guard let result = round!.advance() else { continue }
            report = RoundReport(result: result, complaints: round.take()!.complaints)
        }
    }

    func take(for owner: String) -> RoundReport? { self.owner == owner ? report.take() : nil }

    func abandon(_ owner: String) {
        if self.owner == owner { (round, report) = (nil, nil) }
    }
}
