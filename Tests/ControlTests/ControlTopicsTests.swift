import Control
import SedgeCore
import Testing

struct ControlTopicsTests {
    private let topics = ControlTopics(base: "sedge")

    @Test func readsWhatItBuilds() {
        for subject in ControlSubject.allCases {
            for scope in [EnvelopeScope.all, .group(plant), toGateway] {
                #expect(topics.address(topics.desired(subject, scope), node: gateway) == .desired(subject, scope))
            }
        }
        #expect(topics.address(topics.part(12, .group(plant)), node: gateway) == .part(.group(plant), 12))
        #expect(topics.address(topics.apply(gateway), node: gateway) == .apply)
        #expect(topics.desired(.configuration, toGateway) == "sedge/gw-7/config/desired")
        #expect(topics.desired(.keys, .all) == "sedge/group/all/keys/desired")
        #expect(topics.reported(.model, gateway) == "sedge/gw-7/model/reported")
    }

    @Test(arguments: [
        "sedge/gw-8/config/desired", "sedge/gw-7/config/reported", "sedge/gw-7/state/config",
        "other/gw-7/config/desired",
        "sedge/gw-7/config/desired/1", "sedge/gw-7/model/desired/01", "sedge/gw-7/model/desired/-1",
        "sedge/gw-7/desired",
        "sedge/group/plant/model/apply", "sedge", "",
    ])
    func otherTopicsAreNone(_ topic: String) { #expect(topics.address(topic, node: gateway) == nil) }

    @Test func aNodeCalledGroupHasItsOwnTopics() throws {
        let node = try NodeID("group")
        #expect(
            topics.address("sedge/group/config/desired", node: node) == .desired(.configuration, .node(node)))
    }
}
