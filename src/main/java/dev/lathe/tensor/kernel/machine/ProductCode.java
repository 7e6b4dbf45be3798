package dev.lathe.tensor.kernel.machine;

import static dev.lathe.tensor.kernel.machine.Register.R10;
import static dev.lathe.tensor.kernel.machine.Register.R11;
import static dev.lathe.tensor.kernel.machine.Register.R12;
import static dev.lathe.tensor.kernel.machine.Register.R8;
import static dev.lathe.tensor.kernel.machine.Register.R9;
import static dev.lathe.tensor.kernel.machine.Register.RAX;
import static dev.lathe.tensor.kernel.machine.Register.RBX;
import static dev.lathe.tensor.kernel.machine.Register.RCX;
import static dev.lathe.tensor.kernel.machine.Register.RDI;
import static dev.lathe.tensor.kernel.machine.Register.RDX;
import static dev.lathe.tensor.kernel.machine.Register.RSI;
import static dev.lathe.tensor.kernel.machine.Register.RSP;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VBROADCASTSS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VCVTDQ2PS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VFMADD213PS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VFMADD231PS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPADDD;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPBROADCASTD;

import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.ScalePlane;
import dev.lathe.tensor.kernel.TileLayout;
import java.util.List;

/**
 * Writes the loops of products of quantized matrices. Every output adds, block after block in the order of the columns,
 * {@code sum * (scale * activationScale)} with one fused addition, then {@code minimum * (activationSum * activationScale)} where
 * there are minima; sums are exact. That is what all kernels add, so the bits are theirs.
 *
 * <p>Arguments as {@link MachineCode#call} passes them. Activations come as {@link PanelForm}.
 */
final class ProductCode {
    private static final int TILE_BYTES = 4 * IntegerPlane.ROWS; // of one row of results
    private static final int QUADS = IntegerPlane.BLOCK / 4;
    private static final int LINE = 64; // bytes of the cache
    /** Bytes ahead of those in use that a packed tile is asked for, into the first cache: processors do not look so far. */
    private static final int NEAR = 4096;
    /** The same into the second cache, to which many more lines can be under way. */
    private static final int FAR = 32768;
    /** Rows with which wide vectors compute so little with a line of bytes that asking for more of them holds others up. */
    private static final int FEW_ROWS = 3;

    private final Target target;
    private final TileLayout layout;
    private final ByteDot dot;
    private final PanelForm form;
    private final int groups;

    /**
     * Code for one way of multiplying.
     *
     * @param form how activations lie for it
     */
    ProductCode(Target target, TileLayout layout, ByteDot dot, PanelForm form) {
        this.target = target;
        this.layout = layout;
        this.dot = dot;
        this.form = form;
        groups = form.groups();
    }

    /** The most rows of {@link #packed}. */
    static int mostPackedRows(Target target) {
        return target.wide ? 8 : 4;
    }

    /** The most rows of {@link #unpacked}. */
    static int mostUnpackedRows(Target target) {
        return target.wide ? 6 : 4;
    }

    /** Bytes of working memory of {@link #packed}: sums of a tile, scales of a super-block. */
    static int workBytes(int rows) {
        return rows * TILE_BYTES + PackedTile.CONVERTED_BYTES;
    }

    /**
     * Tiles as they are packed times one panel: for each row the results of all tiles side by side.
     *
     * <p>Arguments: panel, results, working memory of {@link #workBytes}, tiles; how many tiles, blocks of a row (super-blocks where
     * there are some), bytes from row to row of the results.
     */
    byte[] packed(int rows) {
        Assembler code = new Assembler(target.wide);
        begin(code);
        Address converted = layout.superBytes() > 0 ? Address.at(RDX, rows * TILE_BYTES) : null;
        PackedTile source = new PackedTile(code, target, layout, dot.isSigned(), RCX, R10, converted);
        List<Integer> given = target.fourBytes ? List.of() : List.of(ByteDot.ONES);
        if (rows > 1 || !source.isOfBytes()) { // one row waits for memory: paced by masks it reads more of it in time
            source.keepConstants(rows * source.vectors(), temporaries(source).two, given);
        }
        int tile = code.loop();
        code.zero(0);
        for (int at = 0; at < rows * TILE_BYTES; at += code.vectorBytes()) {
            code.store(Address.at(RDX, at), 0);
        }
        code.mov(RAX, RDI);
        code.mov(RBX, R9);
        int loop = code.loop();
        if (layout.superBytes() > 0) {
            code.mov(R10, RCX);
            source.convertSuperScales();
            code.add(RCX, layout.superBytes());
            code.mov(R11, ScalePlane.SUPER_BLOCKS);
            int block = code.loop();
            block(code, source, rows, RDX);
            code.add(RCX, layout.blockBytes());
            code.add(RAX, form.blockBytes(rows));
            code.dec(R11);
            code.jumpIfNotZero(block);
        } else {
            block(code, source, rows, RDX);
            code.add(RCX, layout.blockBytes());
            code.add(RAX, form.blockBytes(rows));
        }
        code.dec(RBX);
        code.jumpIfNotZero(loop);
        code.mov(R12, RSI);
        for (int row = 0; row < rows; row++) {
            for (int at = 0; at < TILE_BYTES; at += code.vectorBytes()) {
                code.load(0, Address.at(RDX, row * TILE_BYTES + at));
                code.store(Address.at(R12, at), 0);
            }
            code.add(R12, argument(0));
        }
        code.add(RSI, TILE_BYTES);
        code.dec(R8);
        code.jumpIfNotZero(tile);
        return end(code);
    }

    /**
     * Unpacks blocks of a tile for {@link #unpacked}.
     *
     * <p>Arguments: nothing, nothing, unpacked blocks, the first block; bytes from it back to its super-block, blocks.
     */
    byte[] unpack() {
        Assembler code = new Assembler(target.wide);
        begin(code);
        code.mov(R10, RCX);
        code.sub(R10, R8);
        PackedTile source = new PackedTile(code, target, layout, dot.isSigned(), RCX, R10, null);
        int loop = code.loop();
        int scales = QUADS * dot.valueBytes() * TILE_BYTES;
        int minima = scales + groups * TILE_BYTES;
        for (int part = 0; part < source.parts(); part++) {
            for (int group = 0; group < groups; group++) {
                int p = part;
                source.quads(part, group, (quad, registers) -> {
                    for (int v = 0; v < source.vectors(); v++) {
                        int at = quad * dot.valueBytes() * TILE_BYTES + 4 * source.firstOutput(p, v);
                        store(code, at, registers[v]);
                    }
                });
                source.scales(part, group);
                int one = 0;
                code.load(one, code.constant(1f));
                for (int v = 0; v < source.vectors(); v++) {
                    int at = group * TILE_BYTES + 4 * source.firstOutput(part, v);
                    source.multiplyScale(1, one, v);
                    code.store(Address.at(RDX, scales + at), 1);
                    if (layout.scales().hasMinimum()) {
                        code.load(1, code.constant(-0f)); // to which any zero is added as it is
                        source.addMinimum(1, one, v);
                        code.store(Address.at(RDX, minima + at), 1);
                    }
                }
            }
        }
        code.add(RCX, layout.blockBytes());
        code.add(RDX, UnpackedTile.blockBytes(layout, dot));
        code.dec(R9);
        code.jumpIfNotZero(loop);
        return end(code);
    }

    /** Stores a vector of quads among the unpacked ones; for words its even bytes, then its odd ones. */
    private void store(Assembler code, int at, int quads) {
        if (dot.valueBytes() == 1) {
            code.store(Address.at(RDX, at), quads);
            return;
        }
        code.shiftWords(0, quads, 8);
        code.shiftWordsSigned(0, 0, 8);
        code.store(Address.at(RDX, at), 0);
        code.shiftWordsSigned(0, quads, 8);
        code.store(Address.at(RDX, at + TILE_BYTES), 0);
    }

    /**
     * Adds unpacked blocks of a tile times panels to the sums of the blocks before. On wide vectors the sums stay in registers
     * for all blocks; otherwise they are added where the sums before them lie.
     *
     * <p>Arguments: the panels at their first block, sums before [panels * rows][64], unpacked blocks, sums after; panels, blocks,
     * bytes from panel to panel, bytes from row to row of the sums after.
     *
     * @param first whether nothing was added before; then the sums before need not be there on wide vectors
     */
    byte[] unpacked(int rows, boolean first) {
        Assembler code = new Assembler(target.wide);
        begin(code);
        UnpackedTile source = new UnpackedTile(code, target, layout, dot, R10);
        if (temporaries(source).ones >= 0) {
            code.load(temporaries(source).ones, code.constant(ByteDot.ONES));
        }
        int panel = code.loop();
        if (target.wide) {
            for (int part = 0; part < source.parts(); part++) {
                addInRegisters(code, source, rows, part, first);
            }
        } else {
            addInMemory(code, source, rows, first);
        }
        code.mov(RCX, R12);
        code.add(RDI, argument(0));
        code.add(RSI, rows * TILE_BYTES);
        code.dec(R8);
        code.jumpIfNotZero(panel);
        return end(code);
    }

    /** A part of a tile times one panel; {@code r12} becomes the row behind the panel's last. */
    private void addInRegisters(Assembler code, UnpackedTile source, int rows, int part, boolean first) {
        int vectors = source.vectors();
        int totals = rows * vectors; // registers behind those of the sums of a block
        for (int sum = 0; sum < rows * vectors; sum++) {
            if (first) {
                code.zero(totals + sum);
            } else {
                int at = sum / vectors * TILE_BYTES + 4 * source.firstOutput(part, sum % vectors);
                code.load(totals + sum, Address.at(RSI, at));
            }
        }
        code.mov(RAX, RDI);
        code.mov(R10, RDX);
        code.mov(RBX, R9);
        code.mov(R11, argument(0));
        int loop = code.loop();
        int lines = (form.blockBytes(rows) + LINE - 1) / LINE;
        for (int line = part; line < lines; line += source.parts()) {
            code.prefetch(Address.at(RAX, R11, 1, line * LINE)); // the next panel
        }
        for (int group = 0; group < groups; group++) {
            sums(code, source, rows, part, group);
            source.scales(part, group);
            for (int row = 0; row < rows; row++) {
                finishRow(code, source, rows, row, group, totals);
            }
        }
        next(code, rows, loop);
        code.mov(R12, RCX);
        for (int row = 0; row < rows; row++) {
            for (int v = 0; v < vectors; v++) {
                code.store(Address.at(R12, 4 * source.firstOutput(part, v)), totals + row * vectors + v);
            }
            code.add(R12, argument(1));
        }
    }

    private void addInMemory(Assembler code, UnpackedTile source, int rows, boolean first) {
        if (first) {
            code.zero(0);
            for (int at = 0; at < rows * TILE_BYTES; at += code.vectorBytes()) {
                code.store(Address.at(RSI, at), 0);
            }
        }
        code.mov(RAX, RDI);
        code.mov(R10, RDX);
        code.mov(RBX, R9);
        int loop = code.loop();
        block(code, source, rows, RSI);
        next(code, rows, loop);
        code.mov(R12, RCX);
        for (int row = 0; row < rows; row++) {
            for (int at = 0; at < TILE_BYTES; at += code.vectorBytes()) {
                code.load(0, Address.at(RSI, row * TILE_BYTES + at));
                code.store(Address.at(R12, at), 0);
            }
            code.add(R12, argument(1));
        }
    }

    /** Goes on with the next unpacked block. */
    private void next(Assembler code, int rows, int loop) {
        code.add(R10, UnpackedTile.blockBytes(layout, dot));
        code.add(RAX, form.blockBytes(rows));
        code.dec(RBX);
        code.jumpIfNotZero(loop);
    }

    /** Adds one block, whose panel {@code rax} points to, to results in memory. */
    private void block(Assembler code, QuadSource source, int rows, Register results) {
        int vectors = source.vectors();
        if (rows * vectors > source.firstRegister()) {
            throw new IllegalStateException(rows + " rows of " + vectors + " vectors leave no registers");
        }
        for (int part = 0; part < source.parts(); part++) {
            for (int group = 0; group < groups; group++) {
                sums(code, source, rows, part, group);
                source.scales(part, group);
                for (int row = 0; row < rows; row++) {
                    int sum = row * vectors;
                    Temporaries t = temporaries(source);
                    prepareRow(code, source, rows, row, group);
                    for (int v = 0; v < vectors; v++) {
                        Address result = Address.at(results, row * TILE_BYTES + 4 * source.firstOutput(part, v));
                        code.vector(VCVTDQ2PS, sum + v, 0, sum + v);
                        source.multiplyScale(t.two, t.one, v);
                        code.vector(VFMADD213PS, sum + v, t.two, result);
                        if (layout.scales().hasMinimum()) {
                            source.addMinimum(sum + v, t.three, v);
                        }
                        code.store(result, sum + v);
                    }
                }
            }
        }
    }

    /** The exact sums of a group, from register 0 on. */
    private void sums(Assembler code, QuadSource source, int rows, int part, int group) {
        int vectors = source.vectors();
        for (int sum = 0; sum < rows * vectors; sum++) {
            if (startsAtCenter()) {
                code.vector(VPBROADCASTD, sum, 0, number(rows, sum / vectors, group));
            } else {
                code.zero(sum);
            }
        }
        Temporaries t = temporaries(source);
        source.quads(part, group, (quad, registers) -> {
            if (source instanceof PackedTile) {
                askForWeights(code, rows, part * QUADS + quad, source.parts() * QUADS);
            }
            Address four = Address.at(RAX, 4 * quad);
            boolean fromMemory = target.wide && source instanceof PackedTile;
            dot.add(code, registers, t.magnitudes, fromMemory ? -1 : t.one, t.two, t.ones, four, rows, 0);
        });
    }

    /** Asks for a share of the lines of a block to come. */
    private void askForWeights(Assembler code, int rows, int share, int shares) {
        boolean asksFar = !target.wide || layout.integers() != IntegerPlane.EIGHT || rows > FEW_ROWS;
        int lines = layout.blockBytes() / LINE;
        for (int line = lines * share / shares; line < lines * (share + 1) / shares; line++) {
            if (asksFar) {
                code.prefetchFar(Address.at(RCX, FAR + line * LINE));
            }
            code.prefetch(Address.at(RCX, NEAR + line * LINE));
        }
    }

    /** Makes a row's factor ready, its sums, and its number. */
    private void prepareRow(Assembler code, QuadSource source, int rows, int row, int group) {
        Temporaries t = temporaries(source);
        code.vector(VBROADCASTSS, t.one, 0, Address.at(RAX, rows * form.rowBytes() + 4 * row));
        boolean addsNumber = layout.signed() && !startsAtCenter() && !dot.isSigned();
        if (addsNumber || layout.scales().hasMinimum()) {
            code.vector(VPBROADCASTD, t.three, 0, number(rows, row, group));
        }
        for (int v = 0; v < source.vectors(); v++) {
            int sum = row * source.vectors() + v;
            dot.finish(code, sum, t.ones);
            if (addsNumber) {
                code.vector(VPADDD, sum, sum, t.three);
            }
        }
    }

    /** Adds a row's sums to results in registers, from {@code totals} on. */
    private void finishRow(Assembler code, QuadSource source, int rows, int row, int group, int totals) {
        Temporaries t = temporaries(source);
        prepareRow(code, source, rows, row, group);
        for (int v = 0; v < source.vectors(); v++) {
            int sum = row * source.vectors() + v;
            code.vector(VCVTDQ2PS, sum, 0, sum);
            source.multiplyScale(t.two, t.one, v);
            code.vector(VFMADD231PS, totals + sum, sum, t.two);
            if (layout.scales().hasMinimum()) {
                source.addMinimum(totals + sum, t.three, v);
            }
        }
    }

    /** Whether sums begin with what the center takes away. */
    private boolean startsAtCenter() {
        return layout.signed() && dot == ByteDot.FOUR_BYTES;
    }

    /**
     * Registers beside those of sums and source: for activations or a factor, for products, for a number of the row; one that
     * always holds {@link ByteDot#ONES}, or none.
     */
    private record Temporaries(int one, int two, int three, int[] magnitudes, int ones) {}

    private Temporaries temporaries(QuadSource source) {
        if (!(source instanceof PackedTile packed)) {
            return target.wide
                    ? new Temporaries(28, 29, 30, new int[] {}, -1)
                    : new Temporaries(8, 9, 10, new int[] {11, 12}, 13);
        }
        // a packed tile leaves two; when it has handed over a quad or its scales, more of its own are free
        int free = source.firstRegister();
        return new Temporaries(free - 1, free - 2, free, new int[] {free + 2, free + 3}, packed.kept(ByteDot.ONES));
    }

    /** What goes with a row's group, as {@link PanelForm} says. */
    private Address number(int rows, int row, int group) {
        return Address.at(RAX, rows * (form.rowBytes() + 4) + 4 * (group * rows + row));
    }

    private static void begin(Assembler code) {
        code.endbr64();
        code.push(RBX);
        code.push(R12);
    }

    /** An argument beyond the first six. */
    private static Address argument(int i) {
        return Address.at(RSP, 8 * (3 + i)); // two saved registers, the return address
    }

    private static byte[] end(Assembler code) {
        code.vzeroupper();
        code.pop(R12);
        code.pop(RBX);
        code.ret();
        return code.finish();
    }
}
