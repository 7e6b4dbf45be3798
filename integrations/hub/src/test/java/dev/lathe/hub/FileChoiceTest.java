package dev.lathe.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileChoiceTest {
    private static RepositoryListing listing(String paths) {
        return new RepositoryListing(
                "0".repeat(40),
                Arrays.stream(paths.split(" "))
                        .map(path -> new RepositoryFile(path, 1, "0".repeat(40), Optional.empty(), Optional.empty()))
                        .toList());
    }

    private static FileChoice choose(String name, String paths) throws HubException {
        return FileChoice.of(ModelName.parse(name), listing(paths));
    }

    @ParameterizedTest
    @CsvSource({
        "a/m:Q4_K_M, m-Q4_K_M.gguf m-IQ4_K_M.gguf m-Q4_K_S.gguf, m-Q4_K_M.gguf",
        "a/m:q8_0, m.Q4_0.gguf m.Q8_0.gguf, m.Q8_0.gguf",
        "a/m:bf16, BF16/m-00001-of-00001.gguf m-Q8_0.gguf, BF16/m-00001-of-00001.gguf",
        "a/m, m-Q8_0.gguf m-Q4_K_M.gguf, m-Q4_K_M.gguf",
        "a/m, m-Q8_0.gguf m-F16.gguf, m-Q8_0.gguf",
        "a/m, m.gguf mmproj-m-Q8_0.gguf m.imatrix.gguf README.md, m.gguf",
        "a/m, m.gguf config.json model.safetensors, m.gguf",
        "a/m/mmproj.gguf, m.gguf mmproj.gguf, mmproj.gguf",
        "a/m/m-00002-of-00002.gguf, m-00001-of-00002.gguf m-00002-of-00002.gguf, m-00001-of-00002.gguf"
    })
    void oneFileIsMeant(String name, String paths, String chosen) throws Exception {
        assertEquals(chosen, choose(name, paths).file().orElseThrow().path());
    }

    @Test
    void whereNoGgufFileIsTheFolderIsMeant() throws Exception {
        FileChoice choice = choose(
                "a/m",
                "model-00001-of-00002.safetensors model-00002-of-00002.safetensors model.safetensors.index.json"
                        + " consolidated.safetensors config.json tokenizer.json chat_template.jinja pytorch_model.bin"
                        + " modules.json 1_Pooling/config.json onnx/config.json README.md");
        assertEquals(Optional.empty(), choice.file());
        assertEquals(
                List.of(
                        "model-00001-of-00002.safetensors",
                        "model-00002-of-00002.safetensors",
                        "model.safetensors.index.json",
                        "config.json",
                        "tokenizer.json",
                        "chat_template.jinja",
                        "modules.json",
                        "1_Pooling/config.json"),
                choice.files().stream().map(RepositoryFile::path).toList());
    }

    @ParameterizedTest
    @CsvSource({
        "a/m:Q4_K_M, m-Q8_0.gguf, 'no GGUF file of a/m is named Q4_K_M; there is m-Q8_0.gguf'",
        "a/m:Q4_K_M, x-Q4_K_M.gguf y-Q4_K_M.gguf, 'may be 2 files; name one of them: a/m/x-Q4_K_M.gguf, a/m/y-Q4_K_M.gguf'",
        "a/m, m-Q2_K.gguf m-F16.gguf, 'may be 2 files; name one of them: a/m/m-Q2_K.gguf, a/m/m-F16.gguf'",
        "a/m, pytorch_model.bin, 'neither a GGUF file nor config.json with model.safetensors; there is pytorch_model.bin'",
        "a/m/n.gguf, m.gguf, 'has no file n.gguf; there is m.gguf'",
        "a/m, m-00001-of-00002.gguf, 'm-00001-of-00002.gguf is one of 2 parts, and m-00002-of-00002.gguf is not there'",
        "a/m/m-00001-of-00000.gguf, m-00001-of-00000.gguf, is a part of a set of none"
    })
    void nothingIsGuessed(String name, String paths, String message) {
        String refusal =
                assertThrows(HubException.class, () -> choose(name, paths)).getMessage();
        assertTrue(refusal.contains(message), refusal);
    }

    @ParameterizedTest
    @CsvSource({
        "a/m, a/m, , , main",
        "a/m:Q4_K_M, a/m, Q4_K_M, , main",
        "a/m@v1, a/m, , , v1",
        "a/m:Q8_0@refs/pr/1, a/m, Q8_0, , refs/pr/1",
        "a/m/sub/x y.gguf@v1.0, a/m, , sub/x y.gguf, v1.0",
    })
    void namesAreRead(String text, String repository, String quantization, String file, String revision) {
        ModelName name = ModelName.parse(text);
        assertEquals(
                new ModelName(repository, Optional.ofNullable(quantization), Optional.ofNullable(file), revision),
                name);
        assertEquals(text, name.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "model.gguf",
                "models/model.gguf",
                "./a/b",
                "../a/b",
                "/a/b",
                "a/b/../c",
                "a//b",
                "a/b/",
                "a/b:",
                "a/b@",
                "a/b@../x",
                "a--b/c",
                "a/..",
                "a/b/c:d",
                "a b/c",
                "a/b/c\u0000"
            })
    void pathsAreNoNames(String text) {
        assertEquals(Optional.empty(), ModelName.find(text));
    }
}
