using Workerd = import "/workerd/workerd.capnp";

# What `wrangler` makes of its own configuration. The folder of models is named on the command line.
const config :Workerd.Config = (
  services = [
    (name = "pictures", worker = (
      compatibilityDate = "2026-01-01",
      modules = [
        (name = "worker.js", esModule = embed "worker.js"),
        (name = "kernels.wasm", wasm = embed "kernels.wasm"),
      ],
      bindings = [(name = "MODELS", service = "models")],
    )),
    (name = "models", disk = "models"),
  ],
  sockets = [(name = "http", address = "localhost:8787", service = "pictures")],
);
