package dev.lathe;

import java.nio.file.Path;
import java.util.Optional;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** The loading of a model, as a flight recording has it. */
@Name("dev.lathe.ModelLoad")
@Label("Model Load")
@Description("The loading of a model, from its files to the first pass that it could do")
@Category({"Lathe", "Model"})
@StackTrace(false)
final class ModelLoadEvent extends Event {
    @Label("File")
    @Description("The file or folder; none for a model in the making")
    private String file;

    @Label("Architecture")
    @Description("The family of models that the file names")
    private String architecture;

    @Label("Weights")
    @Description("The packed weights of all linear layers")
    @DataAmount
    private long weightBytes;

    @Label("Packed File")
    @Description("The file that packed weights were read from, if they were kept")
    private String packedFile;

    @Label("File Time")
    @Description("Time to open the files and to read their metadata")
    @Timespan
    private long fileTime;

    @Label("Tokenizer Time")
    @Description("Time to make the tokenizer, while weights are packed")
    @Timespan
    private long tokenizerTime;

    @Label("Weights Time")
    @Description("Time to read and pack the weights")
    @Timespan
    private long weightsTime;

    @Label("Threads")
    @Description("Threads that compute")
    private int threads;

    @Label("Kernels")
    @Description("The kernel set that computes; scalar is plain Java")
    private String kernels;

    void report(Optional<Path> file, Model model) {
        end();
        if (shouldCommit()) {
            LoadReport report = model.loadReport();
            this.file = file.map(Path::toString).orElse(null);
            architecture = model.metadata().findString("general.architecture").orElse(null);
            weightBytes = report.weightBytes();
            packedFile = report.packed().map(Path::toString).orElse(null);
            fileTime = report.file().toNanos();
            tokenizerTime = report.tokenizer().toNanos();
            weightsTime = report.weights().toNanos();
            threads = model.threads();
            kernels = Kernels.inUse().name();
            commit();
        }
    }
}
