import SedgeCore

@testable import Agent

/// Reports what a test hands it, and keeps what it is given to do until the test wants it done.
final class HandedRunner: RoundRunner {
    var isBusy = true
    var result: AdaptationRound.Result?
    private var round: AdaptationRound?

    func start(_ round: sending AdaptationRound, for owner: String) { (self.round, isBusy) = (round, true) }

    func advance(steps: Int) {}

    func take(for owner: String) -> RoundReport? { result.take().map { RoundReport(result: $0, complaints: []) } }

    func abandon(_ owner: String) { (round, result, isBusy) = (nil, nil, false) }

    /// What the round that it was given comes to; nil: it was given none.
    func work() -> AdaptationRound.Result? {
        defer { (round, isBusy) = (nil, false) }
        while round != nil { if let result = round!.advance() { return result } }
        return nil
    }
}
