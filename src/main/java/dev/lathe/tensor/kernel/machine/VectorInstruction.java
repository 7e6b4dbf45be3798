package dev.lathe.tensor.kernel.machine;

/**
 * Vector instructions that kernels use: their opcodes, alike in the VEX and the EVEX encoding unless said otherwise (Intel 64 and
 * IA-32 Architectures Software Developer's Manual, volume 2).
 */
enum VectorInstruction {
    VMOVUPS(1, 0, 0x10),
    VMOVUPS_STORE(1, 0, 0x11),
    VBROADCASTSS(2, 1, 0x18),
    VPBROADCASTD(2, 1, 0x58),
    /** VEX: a word of 16 bits for all lanes. */
    VPBROADCASTW(2, 1, 0x79),
    VPAND(1, 1, 0xdb),
    VPOR(1, 1, 0xeb),
    VPXOR(1, 1, 0xef),
    VPADDW(1, 1, 0xfd),
    VPADDD(1, 1, 0xfe),
    VPSUBD(1, 1, 0xfa),
    VPMADDWD(1, 1, 0xf5),
    VPMADDUBSW(2, 1, 0x04),
    VPSIGNB(2, 1, 0x08),
    VPABSB(2, 1, 0x1c),
    VPSHUFB(2, 1, 0x00),
    VPACKUSDW(2, 1, 0x2b),
    VPACKSSDW(1, 1, 0x6b),
    VPACKSSWB(1, 1, 0x63),
    VPDPBUSD(2, 1, 0x50),
    VCVTDQ2PS(1, 0, 0x5b),
    VCVTPS2DQ(1, 1, 0x5b),
    VADDPS(1, 0, 0x58),
    VMULPS(1, 0, 0x59),
    VSUBPS(1, 0, 0x5c),
    VMINPS(1, 0, 0x5d),
    VDIVPS(1, 0, 0x5e),
    VMAXPS(1, 0, 0x5f),
    VFMADD213PS(2, 1, 0xa8),
    VFMADD231PS(2, 1, 0xb8),
    VFMSUB213PS(2, 1, 0xaa),
    /** Subtracts in even lanes, adds in odd ones. */
    VFMADDSUB213PS(2, 1, 0xa6),
    /** Even lanes twice; one source. */
    VMOVSLDUP(1, 2, 0x12),
    /** Ints to longs without their sign: the source is half as wide as the result. */
    VPMOVZXDQ(2, 1, 0x35, Tuple.HALF),
    /** Bytes to words with their sign: the source is half as wide as the result. */
    VPMOVSXBW(2, 1, 0x20, Tuple.HALF),
    /** Words to ints with their sign: the source is half as wide as the result. */
    VPMOVSXWD(2, 1, 0x23, Tuple.HALF),
    VPMAXSD(2, 1, 0x3d),
    /** VEX: ints that are all ones where the sources are alike. */
    VPCMPEQD(1, 1, 0x76),
    /** Ints of the second source in the order that the first gives. */
    VPERMD(2, 1, 0x36),
    /** VEX: ints of each half in the order that the immediate gives; one source. */
    VPSHUFD(1, 1, 0x70),
    /** VEX: sums of neighbouring ints of both sources, by halves. */
    VPHADDD(2, 1, 0x02),
    /** Halves of 16 bits to floats: the source is half as wide as the result. */
    VCVTPH2PS(2, 1, 0x13, Tuple.HALF),
    /** EVEX: the low halves of ints; the result, as wide as half the source, is the operand encoded last. */
    VPMOVDW(2, 2, 0x33, Tuple.HALF),
    /** EVEX: any function of three bits, chosen by the immediate. */
    VPTERNLOGD(3, 1, 0x25),
    /** VEX: 16-bit lanes of the second source where the immediate has a bit. */
    VPBLENDW(3, 1, 0x0e);

    /** How many bytes an operand in memory has, as far as EVEX counts displacements in them. */
    enum Tuple {
        FULL,
        HALF
    }

    final int map;
    final int prefix;
    final int opcode;
    final Tuple tuple;

    VectorInstruction(int map, int prefix, int opcode) {
        this(map, prefix, opcode, Tuple.FULL);
    }

    VectorInstruction(int map, int prefix, int opcode, Tuple tuple) {
        this.map = map; // 1: 0F, 2: 0F38, 3: 0F3A
        this.prefix = prefix; // 0: none, 1: 66, 2: F3
        this.opcode = opcode;
        this.tuple = tuple;
    }

    /** Whether an operand in memory is one number for all lanes in any case. */
    boolean loadsOneNumber() {
        return this == VBROADCASTSS || this == VPBROADCASTD;
    }
}
