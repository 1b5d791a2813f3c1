import ControlMutants
import Testing

/// A short run of what `make show-control` does a hundred thousand times under AddressSanitizer.
struct MutationTests {
    @Test(arguments: [1, 2] as [UInt64]) func everyMutantIsRefused(seed: UInt64) throws {
        var campaign = try MutationCampaign(seed: seed)
        try campaign.run(300)
        #expect(campaign.mutants == 300)
        #expect(campaign.accepted.isEmpty, "\(campaign.accepted.prefix(3))")
        // The mutator reaches past the parser.
        for name in ["badSignature", "unknownKey", "malformed", "wrongDigest", "downgrade", "wrongTarget"] {
            #expect(campaign.refusals[name, default: 0] > 0, "\(name) \(campaign.refusals)")
        }
    }
}
