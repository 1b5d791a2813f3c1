import SedgeCore

/// Mutates envelopes for long: `control-mutants [COUNT [SEED]]`. Built with AddressSanitizer by `make show-control`.
@main
enum Mutants {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst().map { UInt64($0) }
        let count = Int(arguments.first.flatMap(\.self) ?? 100_000)
        let seed = arguments.dropFirst().first.flatMap(\.self) ?? 1
        var campaign = try MutationCampaign(seed: seed)
        try campaign.run(count)
        for (name, count) in campaign.refusals.sorted(by: { $0.value > $1.value }) { print("\(name): \(count)") }
        for mutant in campaign.accepted.prefix(10) { print("accepted: \(mutant)") }
        print("mutants=\(campaign.mutants) accepted=\(campaign.accepted.count)")
    }
}
