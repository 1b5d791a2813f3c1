import Messaging
import SedgeCore
import Testing

@Suite struct TopicsTests {
    let topics = Topics(base: "plant/sedge", node: try! NodeID("gw-7"))
    let pump = try! StreamID("pump")

    @Test func followTheInterface() {
        #expect(topics.availability == "plant/sedge/gw-7/availability")
        #expect(topics.health == "plant/sedge/gw-7/health")
        #expect(topics.state(pump) == "plant/sedge/gw-7/state/pump")
        #expect(topics.insight(.anomaly, pump) == "plant/sedge/gw-7/insight/anomaly/pump")
        #expect(topics.backfill(.drift, pump) == "plant/sedge/gw-7/backfill/drift/pump")
        #expect(topics.insights(pump) == "plant/sedge/gw-7/insight/+/pump")
        #expect(topics.retained(pump) == [topics.state(pump)])
        #expect(Topics(node: topics.node).availability == "sedge/gw-7/availability")
    }
}
