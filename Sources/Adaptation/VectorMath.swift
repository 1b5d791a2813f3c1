/// Float vectors whose length is a multiple of eight, zeros at the end: loops with eight lanes and a fixed order
/// of additions, so that results do not depend on what an optimiser makes of them.
enum VectorMath {
    typealias Lanes = SIMD8<Float>

    /// `count` rounded up to whole lanes.
    static func padded(_ count: Int) -> Int { (count + 7) & ~7 }

    static func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Float {
        var sum = Lanes.zero
        var index = 0
        while index < count {
            sum += load(a + index) * load(b + index)
            index += 8
        }
        return sum.sum()
    }

    /// `|a − b|²`
    static func squaredDistance(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Float {
        var sum = Lanes.zero
        var index = 0
        while index < count {
            let difference = load(a + index) - load(b + index)
            sum += difference * difference
            index += 8
        }
        return sum.sum()
    }

    /// `out = a − b`.
    static func subtract(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>, _ count: Int
    ) {
        var index = 0
        while index < count {
            store(load(a + index) - load(b + index), out + index)
            index += 8
        }
    }

    /// `y += scale · x`.
    static func add(_ x: UnsafePointer<Float>, scale: Float, to y: UnsafeMutablePointer<Float>, _ count: Int) {
        var index = 0
        while index < count {
            store(load(y + index) + load(x + index) * scale, y + index)
            index += 8
        }
    }

    /// Sum of all values.
    static func sum(_ a: UnsafePointer<Float>, _ count: Int) -> Float {
        var sum = Lanes.zero
        var index = 0
        while index < count {
            sum += load(a + index)
            index += 8
        }
        return sum.sum()
    }

    @inline(__always)
    static func load(_ pointer: UnsafePointer<Float>) -> Lanes {
        UnsafeRawPointer(pointer).loadUnaligned(as: Lanes.self)
    }

    @inline(__always)
    static func store(_ value: Lanes, _ pointer: UnsafeMutablePointer<Float>) {
        UnsafeMutableRawPointer(pointer).storeBytes(of: value, as: Lanes.self)
    }
}
