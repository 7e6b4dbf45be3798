package dev.lathe.tensor.kernel.machine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every form of instruction, compared with the GNU assembler's bytes where it is installed, else with bytes written down. */
class AssemblerTest {
    private static final Set<VectorInstruction> VEX_ONLY = EnumSet.of(
            VectorInstruction.VPSIGNB,
            VectorInstruction.VPBLENDW,
            VectorInstruction.VPBROADCASTW,
            VectorInstruction.VPHADDD,
            VectorInstruction.VPCMPEQD,
            VectorInstruction.VPSHUFD);
    private static final Set<VectorInstruction> EVEX_ONLY =
            EnumSet.of(VectorInstruction.VPTERNLOGD, VectorInstruction.VPMOVDW);
    private static final Set<VectorInstruction> ONE_SOURCE = EnumSet.of(
            VectorInstruction.VMOVUPS,
            VectorInstruction.VPABSB,
            VectorInstruction.VPSHUFD,
            VectorInstruction.VCVTDQ2PS,
            VectorInstruction.VCVTPS2DQ,
            VectorInstruction.VCVTPH2PS,
            VectorInstruction.VMOVSLDUP,
            VectorInstruction.VPMOVZXDQ,
            VectorInstruction.VPMOVSXBW,
            VectorInstruction.VPMOVSXWD);
    private static final int[] DISPLACEMENTS = {0, 1, 4, 32, 64, 128, -64, 2048, 8192, -8256, 100_000};
    private static final Register[] GENERAL = Register.values();
    /** SHA-256 of the bytes of all forms, one after the other, as GNU as 2.40 wrote them. */
    private static final String CONFIRMED = "a1c0dd7c74d936003bedcda45db2f4ff3846849324e52bcd5ab3746cd5fa41e1";

    /** The address of a constant, which begins 64 bytes from where the code begins. */
    private static final String BEHIND_THE_CODE = "[constant]";

    /** An instruction as both write it. */
    private record Line(String text, byte[] bytes) {}

    private final List<Line> lines = new ArrayList<>();

    @Test
    void everyFormHasTheBytesOfTheGnuAssembler(@TempDir Path folder) throws Exception {
        assumeTrue(isInstalled("as") && isInstalled("objcopy"), "the GNU assembler is not installed");
        everyForm();
        StringBuilder source = new StringBuilder(".intel_syntax noprefix\n");
        lines.forEach(line -> source.append(line.text).append('\n'));
        byte[] expected = assemble(folder, source.toString());
        int at = 0;
        for (Line line : lines) {
            String ours = HexFormat.of().formatHex(line.bytes);
            int end = Math.min(at + line.bytes.length, expected.length);
            assertEquals(HexFormat.of().formatHex(expected, at, end), ours, line.text);
            at = end;
        }
        assertEquals(expected.length, at);
    }

    /** A change here means other bytes: let the test above confirm them where the GNU assembler is, and write down their digest. */
    @Test
    void everyFormHasTheBytesThatTheGnuAssemblerConfirmed() throws Exception {
        everyForm();
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        lines.forEach(line -> digest.update(line.bytes));
        assertEquals(CONFIRMED, HexFormat.of().formatHex(digest.digest()));
    }

    private void everyForm() {
        general();
        jumps();
        for (boolean wide : new boolean[] {false, true}) {
            for (VectorInstruction i : VectorInstruction.values()) {
                if (!(wide ? VEX_ONLY : EVEX_ONLY).contains(i)) {
                    vector(wide, i);
                }
            }
            shifts(wide);
        }
        vexForms();
        gathers();
    }

    @Test
    void knownBytes() {
        assertBytes(
                "62 72 0d 50 50 54 24 01",
                true,
                a -> a.vectorBroadcast(VectorInstruction.VPDPBUSD, 10, 30, Address.at(Register.RSP, 4)));
        assertBytes(
                "c4 c2 25 04 44 8d 40",
                false,
                a -> a.vector(VectorInstruction.VPMADDUBSW, 0, 11, Address.at(Register.R13, Register.RCX, 4, 64)));
        assertBytes("62 f3 6d 48 25 cb f8", true, a -> a.vector(VectorInstruction.VPTERNLOGD, 1, 2, 3, 0xf8));
        assertBytes("49 81 c0 00 04 00 00", true, a -> a.add(Register.R8, 1024));
        assertBytes("0f 85 fa ff ff ff", true, a -> a.jumpIfNotZero(0));
    }

    @Test
    void constantsAreAddressedRelativeToTheEndOfTheInstruction() {
        Assembler a = new Assembler(false);
        a.vector(VectorInstruction.VPAND, 0, 0, a.constant(7));
        a.vector(VectorInstruction.VPBLENDW, 0, 0, a.constant(7), 0xaa);
        a.vector(VectorInstruction.VPAND, 0, 0, a.constant(9));
        a.ret();
        byte[] code = a.finish();
        assertEquals(64 + 2 * 64, code.length);
        assertEquals(64 - 9, code[5]); // the first instruction has 9 bytes, the first constant begins at 64
        assertEquals(64 - 19, code[9 + 5]); // one more byte behind the distance
        assertEquals(7, code[64]);
        assertEquals(9, code[128]);
        assertEquals(9, code[188]);
    }

    @Test
    void vexRefusesRegistersThatItCannotName() {
        assertThrows(
                IllegalArgumentException.class, () -> new Assembler(false).vector(VectorInstruction.VPAND, 16, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> Address.at(Register.RAX, Register.RSP, 1, 0));
    }

    private static void assertBytes(String hex, boolean wide, Consumer<Assembler> instruction) {
        assertArrayEquals(HexFormat.ofDelimiter(" ").parseHex(hex), bytes(wide, instruction));
    }

    private void general() {
        for (Register a : GENERAL) {
            line("push " + name(a), false, c -> c.push(a));
            line("pop " + name(a), false, c -> c.pop(a));
            line("dec " + name(a), false, c -> c.dec(a));
            line("call " + name(a), false, c -> c.call(a));
            line("add " + name(a) + ", 100000", false, c -> c.add(a, 100_000), a == Register.RAX);
            line("mov " + name(a) + ", -5", false, c -> c.mov(a, -5));
            line("shl " + name(a) + ", 5", false, c -> c.shl(a, 5));
            line("shr " + name(a) + ", 7", false, c -> c.shr(a, 7));
            line("imul " + intName(a) + ", " + intName(a) + ", -1000", false, c -> c.multiplyInt(a, -1000));
            line("cmp " + intName(a) + ", 100000", false, c -> c.compareInt(a, 100_000), a == Register.RAX);
            line("mov " + intName(a) + ", 7", false, c -> c.movInt(a, 7));
            line("test " + name(a) + ", " + name(a), false, c -> c.test(a));
            for (Register b : GENERAL) {
                line("mov " + name(a) + ", " + name(b), false, c -> c.mov(a, b));
                line("add " + name(a) + ", " + name(b), false, c -> c.add(a, b));
                line("sub " + name(a) + ", " + name(b), false, c -> c.sub(a, b));
                Address address = Address.at(b, b == Register.RSP ? null : b, 4, 4 * a.ordinal() - 8);
                line("mov " + name(a) + ", " + text(address), false, c -> c.mov(a, address));
                line("mov " + text(address) + ", " + name(a), false, c -> c.mov(address, a));
                line("add " + name(a) + ", " + text(address), false, c -> c.add(a, address));
                line("mov " + intName(a) + ", " + text(address), false, c -> c.movInt(a, address));
                line("mov " + text(address) + ", " + intName(a), false, c -> c.movInt(address, a));
                line("add " + intName(a) + ", " + text(address), false, c -> c.addInt(a, address));
                line("lea " + name(a) + ", " + text(address), false, c -> c.lea(a, address));
                line("prefetcht0 " + text(address), false, c -> c.prefetch(address));
                line("prefetcht1 " + text(address), false, c -> c.prefetchFar(address));
            }
        }
        line("ret", false, Assembler::ret);
        line("endbr64", false, Assembler::endbr64);
        line("vzeroupper", false, Assembler::vzeroupper);
    }

    private void jumps() {
        forward("je .+8", Assembler::jumpIfZero);
        forward("jae .+8", Assembler::jumpIfAtLeast);
        forward("jmp .+7", Assembler::jump);
        line("ret\nret\n{disp32} jne .-2", false, c -> {
            c.ret();
            c.ret();
            c.jumpIfNotZero(0);
        });
        for (int before = 1; before < 32; before++) {
            int rets = before;
            line("ret\n".repeat(rets) + nops(32 - rets), false, c -> {
                for (int i = 0; i < rets; i++) {
                    c.ret();
                }
                c.loop();
            });
        }
    }

    /** A jump over two bytes. */
    private void forward(String text, ToIntFunction<Assembler> jump) {
        line("{disp32} " + text + "\nret\nret", false, c -> {
            int from = jump.applyAsInt(c);
            c.ret();
            c.ret();
            c.land(from);
        });
    }

    private static String nops(int bytes) {
        return "{disp32} nop WORD PTR [rax+rax*1+0]\n".repeat(bytes / 9)
                + "{disp8} nop DWORD PTR [rax+0]\n".repeat(bytes % 9 / 4)
                + "nop\n".repeat(bytes % 9 % 4);
    }

    private void vector(boolean wide, VectorInstruction i) {
        boolean immediate =
                i == VectorInstruction.VPTERNLOGD || i == VectorInstruction.VPBLENDW || i == VectorInstruction.VPSHUFD;
        int registers = wide ? 32 : 16;
        for (int to = 0; to < registers; to += 5) {
            for (int a = ONE_SOURCE.contains(i) ? registers : 0; a < registers + 1; a += 7) {
                int first = a >= registers ? 0 : a;
                String middle = ONE_SOURCE.contains(i) ? "" : register(wide, first) + ", ";
                for (int b = 0; b < registers; b += 3) {
                    registerForm(wide, i, to, first, b, middle, immediate);
                }
                for (int d = 0; d < DISPLACEMENTS.length; d++) {
                    Register base = GENERAL[(to + 3 * d) % 16];
                    Register index = GENERAL[(first + d) % 16];
                    boolean isIndexed = d % 2 != 0 && index != Register.RSP;
                    Address m = Address.at(base, isIndexed ? index : null, 1 << d % 4, DISPLACEMENTS[d]);
                    memoryForm(wide, i, to, first, _ -> m, text(m), middle, immediate);
                }
                memoryForm(wide, i, to, first, c -> c.constant(7), BEHIND_THE_CODE, middle, immediate);
            }
        }
    }

    private void registerForm(
            boolean wide, VectorInstruction i, int to, int a, int b, String middle, boolean immediate) {
        switch (i) {
            case VMOVUPS_STORE -> {}
            case VPBROADCASTD, VPBROADCASTW, VBROADCASTSS -> {
                if (a == 0) {
                    line(mnemonic(wide, i) + " " + register(wide, to) + ", xmm" + b, wide, c -> c.vector(i, to, 0, b));
                }
            }
            case VPMOVDW -> {
                if (a == 0) {
                    line("vpmovdw ymm" + b + ", " + register(true, to), true, c -> c.vector(i, to, 0, b));
                }
            }
            case VCVTPH2PS, VPMOVZXDQ, VPMOVSXBW, VPMOVSXWD ->
                line(
                        mnemonic(wide, i) + " " + register(wide, to) + ", "
                                + register(wide, b).replace(wide ? 'z' : 'y', wide ? 'y' : 'x'),
                        wide,
                        c -> c.vector(i, to, a, b));
            default -> {
                String text = mnemonic(wide, i) + " " + register(wide, to) + ", " + middle + register(wide, b);
                if (immediate) {
                    line(text + ", 0xaa", wide, c -> c.vector(i, to, a, b, 0xaa));
                } else {
                    line(text, wide, c -> c.vector(i, to, a, b));
                }
            }
        }
    }

    private void memoryForm(
            boolean wide,
            VectorInstruction i,
            int to,
            int a,
            Function<Assembler, Address> m,
            String at,
            String middle,
            boolean immediate) {
        String size = wide ? "ZMMWORD" : "YMMWORD";
        switch (i) {
            case VMOVUPS_STORE ->
                line(
                        "{" + (wide ? "evex" : "vex3") + "} vmovups " + size + " PTR " + at + ", " + register(wide, to),
                        wide,
                        c -> c.store(m.apply(c), to));
            case VPBROADCASTD, VPBROADCASTW, VBROADCASTSS ->
                line(
                        mnemonic(wide, i) + " " + register(wide, to)
                                + (i == VectorInstruction.VPBROADCASTW ? ", WORD PTR " : ", DWORD PTR ") + at,
                        wide,
                        c -> c.vector(i, to, 0, m.apply(c)));
            case VPMOVDW ->
                line(
                        "vpmovdw YMMWORD PTR " + at + ", " + register(true, to),
                        true,
                        c -> c.vector(i, to, 0, m.apply(c)));
            case VCVTPH2PS, VPMOVZXDQ, VPMOVSXBW, VPMOVSXWD ->
                line(
                        mnemonic(wide, i) + " " + register(wide, to) + ", " + (wide ? "YMMWORD" : "XMMWORD") + " PTR "
                                + at,
                        wide,
                        c -> c.vector(i, to, 0, m.apply(c)));
            default -> {
                String text = mnemonic(wide, i) + " " + register(wide, to) + ", " + middle + size + " PTR " + at;
                if (immediate) {
                    line(text + ", 0xaa", wide, c -> c.vector(i, to, a, m.apply(c), 0xaa));
                } else {
                    line(text, wide, c -> c.vector(i, to, a, m.apply(c)));
                }
                if (wide
                        && !immediate
                        && (i == VectorInstruction.VPDPBUSD
                                || i == VectorInstruction.VMULPS
                                || i == VectorInstruction.VFMADD231PS)) {
                    line(
                            mnemonic(true, i) + " " + register(true, to) + ", " + middle + "DWORD PTR " + at
                                    + "{1to16}",
                            true,
                            c -> c.vectorBroadcast(i, to, a, m.apply(c)));
                }
            }
        }
    }

    private void shifts(boolean wide) {
        String prefix = wide ? "{evex} " : "{vex3} ";
        for (int to = 0; to < (wide ? 32 : 16); to += 3) {
            for (int from = 0; from < (wide ? 32 : 16); from += 5) {
                String operands = register(wide, to) + ", " + register(wide, from) + ", ";
                int t = to;
                int f = from;
                line(prefix + "vpslld " + operands + 4, wide, c -> c.shiftInts(t, f, 4));
                line(prefix + "vpsrld " + operands + 16, wide, c -> c.shiftInts(t, f, -16));
                line(prefix + "vpsrad " + operands + 24, wide, c -> c.shiftIntsSigned(t, f, 24));
                line(prefix + "vpsllw " + operands + 8, wide, c -> c.shiftWords(t, f, 8));
                line(prefix + "vpsraw " + operands + 8, wide, c -> c.shiftWordsSigned(t, f, 8));
            }
        }
    }

    private void vexForms() {
        for (int to = 0; to < 16; to += 3) {
            for (int from = 0; from < 16; from += 5) {
                int t = to;
                int f = from;
                line("vpermq ymm" + to + ", ymm" + from + ", 0xd8", false, c -> c.vpermq(t, f, 0xd8));
                line("vextracti128 xmm" + to + ", ymm" + from + ", 1", false, c -> c.extractHalf(t, f, 1));
            }
        }
    }

    private void gathers() {
        for (int offsets = 0; offsets < 32; offsets += 3) {
            for (Register base : GENERAL) {
                int o = offsets;
                String at = "[" + name(base) + "+";
                line(
                        "kxnorw k1, k1, k1\n{disp32} vpgatherdd zmm" + (o + 1) % 32 + "{k1}, " + at + "zmm" + o
                                + "+1000]",
                        true,
                        c -> c.gatherInts((o + 1) % 32, base, 1000, o, -1));
                if (o < 16) {
                    int to = (o + 1) % 16;
                    int mask = (o + 2) % 16;
                    line(
                            "{vex3} vpcmpeqd ymm" + mask + ", ymm" + mask + ", ymm" + mask + "\nvpgatherdd ymm" + to
                                    + ", " + at + "ymm" + o + "+1000], ymm" + mask,
                            false,
                            c -> c.gatherInts(to, base, 1000, o, mask));
                }
            }
        }
    }

    private static String mnemonic(boolean wide, VectorInstruction i) {
        String name = i.name().toLowerCase(Locale.ROOT);
        if (!wide) {
            return "{vex3} " + name;
        }
        return "{evex} " + (Set.of("vpand", "vpor", "vpxor").contains(name) ? name + "d" : name);
    }

    private void line(String text, boolean wide, Consumer<Assembler> instruction, boolean... skip) {
        if (skip.length == 0 || !skip[0]) { // the accumulator has a shorter form, which we don't use
            byte[] bytes = bytes(wide, instruction);
            lines.add(new Line(text.replace(BEHIND_THE_CODE, "[rip+" + (64 - bytes.length) + "]"), bytes));
        }
    }

    private static byte[] bytes(boolean wide, Consumer<Assembler> instruction) {
        Assembler assembler = new Assembler(wide);
        instruction.accept(assembler);
        int size = assembler.here();
        return java.util.Arrays.copyOf(assembler.finish(), size);
    }

    private static String name(Register register) {
        return register.name().toLowerCase(Locale.ROOT);
    }

    private static String intName(Register register) {
        return register.ordinal() > 7 ? name(register) + "d" : name(register).replace('r', 'e');
    }

    private static String register(boolean wide, int register) {
        return (wide ? "zmm" : "ymm") + register;
    }

    private static String text(Address address) {
        StringBuilder text = new StringBuilder("[" + name(address.base()));
        if (address.index() != null) {
            text.append('+').append(name(address.index())).append('*').append(address.scale());
        }
        if (address.displacement() != 0) {
            text.append(address.displacement() > 0 ? "+" : "").append(address.displacement());
        }
        return text.append(']').toString();
    }

    private static byte[] assemble(Path folder, String source) throws IOException, InterruptedException {
        Path in = Files.writeString(folder.resolve("all.s"), source);
        Path object = folder.resolve("all.o");
        Path out = folder.resolve("all.bin");
        run("as", "--64", "-o", object.toString(), in.toString());
        run("objcopy", "-O", "binary", "-j", ".text", object.toString(), out.toString());
        return Files.readAllBytes(out);
    }

    private static boolean isInstalled(String program) throws InterruptedException {
        try {
            run(program, "--version");
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), output);
    }
}
