// JupyterLab's button "Submit": saves, asks who hands in and what, and lets the notebook's kernel make the submission.
//
// It is a module of JupyterLab's federation, written by hand, so that nothing has to be built: JupyterLab calls `init` with the
// packages that it shares, and `get` for the plugin.
(() => {
  const NAME = "@wirebook/submit";
  const COMMAND = "wirebook:submit";
  const TARGET = "wirebook.submit";
  let shared = {};

  /** A package of JupyterLab's own. */
  const load = async (name) => {
    const [version] = Object.values(shared[name] ?? {});
    if (!version) throw new Error(`${NAME}: JupyterLab does not share ${name}`);
    return (await version.get())();
  };

  const makePlugin = async () => {
    const [{ INotebookTracker }, apputils, { IMainMenu }, { fileUploadIcon }, { Widget }] = await Promise.all(
      [
        "@jupyterlab/notebook",
        "@jupyterlab/apputils",
        "@jupyterlab/mainmenu",
        "@jupyterlab/ui-components",
        "@lumino/widgets",
      ].map(load),
    );
    const { Dialog, ICommandPalette, showDialog, showErrorMessage, ToolbarButton } = apputils;

    const element = (tag, properties = {}, children = []) => {
      const made = Object.assign(document.createElement(tag), properties);
      made.append(...children);
      return made;
    };
    const widget = (...children) => {
      const node = element("div", {}, children);
      node.style.maxWidth = "42em";
      node.style.lineHeight = "1.5";
      return new Widget({ node });
    };

    const kernelOf = (panel) => panel?.sessionContext.session?.kernel;
    const isOurs = (panel) => kernelOf(panel)?.name === "wirebook";
    const folderOf = (panel) => panel.context.path.split("/").slice(0, -1).join("/");
    const nameOf = (panel) => panel.context.path.split("/").at(-1);

    /** The kernel's end of it. `ask` answers with the next thing that it says. */
    const openComm = async (kernel) => {
      const comm = kernel.createComm(TARGET);
      let hear = () => {};
      let gone = () => {};
      comm.onMsg = ({ content }) => hear(content.data);
      comm.onClose = () => gone();
      await comm.open({}).done;
      return {
        /** @param until is called with all that it says; what it gives is the answer */
        ask: (question, until) =>
          new Promise((resolve, reject) => {
            hear = (said) => {
              const answer = until(said);
              if (answer !== undefined) resolve(answer);
            };
            gone = () =>
              reject(
                new Error(
                  "The notebook's kernel has ended. Choose Kernel → Restart Kernel, then submit again.",
                ),
              );
            comm.send(question);
          }),
        close: () => !comm.isDisposed && comm.close(),
      };
    };

    /** Asks who and what. Nothing: not now. */
    const askWhat = async (panel, { student, notebooks }) => {
      const input = element("input", {
        type: "text",
        value: student ?? "",
        className: "jp-mod-styled",
        id: "wirebook-student",
      });
      input.style.width = "100%";
      input.setAttribute("autocomplete", "username");
      // Those of the same assignment go together.
      const own = notebooks.find(({ name }) => name === nameOf(panel))?.assignment;
      const boxes = notebooks.map(({ name, assignment }) => {
        const checked = name === nameOf(panel) || (own !== undefined && assignment === own);
        return element("input", { type: "checkbox", value: name, checked });
      });
      const list = element("fieldset", {}, [
        element("legend", { textContent: "Notebooks" }),
        ...boxes.map((box) => element("label", {}, [box, ` ${box.value}`])),
      ]);
      for (const label of list.querySelectorAll("label")) label.style.display = "block";
      const body = widget(
        element("label", { textContent: "Your id, as your course names you", htmlFor: input.id }),
        input,
        list,
        element("p", {
          textContent:
            "They are saved, run from the top in a kernel of their own, and put into one file for you to hand in. Your notebooks stay as they are.",
        }),
      );
      const { button } = await showDialog({
        title: "Submit",
        body,
        buttons: [Dialog.cancelButton(), Dialog.okButton({ label: "Submit" })],
        focusNodeSelector: "#wirebook-student",
      });
      if (!button.accept) return undefined;
      return {
        student: input.value.trim(),
        notebooks: boxes.filter((box) => box.checked).map((box) => box.value),
      };
    };

    const save = async (tracker, panel, names) => {
      const open = [];
      tracker.forEach((one) => {
        if (folderOf(one) === folderOf(panel) && names.includes(nameOf(one))) open.push(one);
      });
      for (const one of open) await one.context.save();
    };

    const list = (title, lines) =>
      lines.length === 0
        ? []
        : [
            element("p", { textContent: title }),
            element(
              "ul",
              {},
              lines.map((line) => element("li", { textContent: line })),
            ),
          ];

    const showMade = async (app, panel, { file, beside, bytes, found, notes }) => {
      let where = element("span", { textContent: file });
      if (beside !== undefined) {
        const path = [folderOf(panel), beside].filter(Boolean).join("/");
        const href = await app.serviceManager.contents.getDownloadUrl(path);
        where = element("a", { href, download: beside, textContent: beside });
      }
      await showDialog({
        title: "Ready to hand in",
        body: widget(
          element("p", {
            textContent: `Your submission is one file (${size(bytes)}). Upload it where your course collects submissions:`,
          }),
          element("p", {}, [where]),
          ...list("You may want to look at this, and submit again:", found),
          ...list("Noted in the submission:", notes),
        ),
        buttons: [Dialog.okButton({ label: "Close" })],
      });
    };

    const size = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} KB` : `${(bytes / 1e6).toFixed(1)} MB`);

    const submit = async (app, tracker) => {
      const panel = tracker.currentWidget;
      const kernel = kernelOf(panel);
      if (!panel || !kernel || !isOurs(panel))
        return showErrorMessage(
          "Submit",
          "Open a notebook whose kernel is TypeScript (Wirebook) first, and wait until the kernel has started.",
        );
      const comm = await openComm(kernel);
      try {
        const ready = await comm.ask({ ask: "ready" }, (said) => (said.state === "ready" ? said : undefined));
        const what = await askWhat(panel, ready);
        if (!what) return;
        await save(tracker, panel, what.notebooks);
        const state = element("p", { textContent: "Starting …", role: "status" });
        const dialog = new Dialog({
          title: "Submitting",
          body: widget(state),
          buttons: [Dialog.cancelButton()],
          hasClose: false,
        });
        const stopped = dialog.launch().then(() => undefined);
        const told = comm.ask({ ask: "submit", ...what }, (said) => {
          if (said.state !== "running") return said;
          state.textContent = `${said.notebook}: ${said.done} of ${said.of} cells have run`;
        });
        const outcome = await Promise.race([told, stopped]);
        dialog.dispose();
        if (outcome?.state === "done") await showMade(app, panel, outcome);
        else if (outcome) await showErrorMessage("Nothing was made", outcome.message);
      } catch (error) {
        await showErrorMessage("Nothing was made", error);
      } finally {
        comm.close();
      }
    };

    return {
      id: `${NAME}:plugin`,
      autoStart: true,
      requires: [INotebookTracker],
      optional: [ICommandPalette, IMainMenu],
      activate(app, tracker, palette, menu) {
        app.commands.addCommand(COMMAND, {
          label: "Submit Notebooks…",
          caption: "Save, run from the top, and make one file to hand in",
          isEnabled: () => isOurs(tracker.currentWidget),
          execute: () => submit(app, tracker),
        });
        palette?.addItem({ command: COMMAND, category: "Wirebook" });
        menu?.fileMenu.addGroup([{ command: COMMAND }], 30);
        app.docRegistry.addWidgetExtension("Notebook", {
          createNew(panel) {
            // With a word on it the name of the kernel would find no room on small screens.
            const button = new ToolbarButton({
              icon: fileUploadIcon,
              tooltip: "Submit: save, run from the top, and make one file to hand in",
              onClick: () => app.commands.execute(COMMAND),
            });
            const look = () => button.setHidden(!isOurs(panel));
            look();
            panel.sessionContext.kernelChanged.connect(look);
            panel.sessionContext.ready.then(look);
            panel.toolbar.insertAfter("cellType", "wirebook-submit", button) ||
              panel.toolbar.insertItem(9, "wirebook-submit", button);
            return button;
          },
        });
      },
    };
  };

  window._JUPYTERLAB ??= {};
  window._JUPYTERLAB[NAME] = {
    init(scope) {
      shared = scope;
    },
    async get(module) {
      if (module !== "./extension") throw new Error(`${NAME} has no module ${module}`);
      const plugin = await makePlugin();
      return () => ({ __esModule: true, default: plugin });
    },
  };
})();
