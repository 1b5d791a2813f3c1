import ArgumentParser

/// `20` for all sensors, or `pump=50,room=0.1` for some: samples a second.
struct SampleRates: ExpressibleByArgument, Equatable, Sendable {
    private var rates: [SimulatedKind: Double] = [:]

    init() {}

    init?(argument: String) {
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false)
            guard let rate = Double(sides[sides.count - 1]), rate > 0, rate <= 1e6 else { return nil }
            switch sides.count {
            case 1: for kind in SimulatedKind.allCases { rates[kind] = rate }
            case 2:
                guard let kind = SimulatedKind(rawValue: String(sides[0])) else { return nil }
                rates[kind] = rate
            default: return nil
            }
        }
    }

    /// What `--help` shows.
    var defaultValueDescription: String {
        SimulatedKind.allCases.map { "\($0.rawValue)=\(fixed(rate(of: $0), 0))" }.joined(separator: ",")
    }

    func rate(of kind: SimulatedKind) -> Double { rates[kind] ?? kind.defaultRate }
}
