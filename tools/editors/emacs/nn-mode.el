;;; nn-mode.el --- programs for nnc  -*- lexical-binding: t -*-
;; SPDX-License-Identifier: MIT
;; Version: 0.2.0
;; Package-Requires: ((emacs "27.1"))

;;; Commentary:
;; Colours, indentation, `M-x compile' with `nnc check', and `M-x eglot' with `nnc lsp' for files *.nn.

;;; Code:
(defvar eglot-server-programs)
(defvar compilation-error-regexp-alist)

(defconst nn-mode-control
  '("return" "if" "else" "for" "in" "scan" "along" "with" "emit" "expect" "minimize" "maximize" "over" "except" "using"
    "report" "grad" "as" "and" "or" "not"))
(defconst nn-mode-members '("layer" "param" "state" "fn" "requires"))
(defconst nn-mode-declarations
  '("import" "const" "option" "data" "metric" "model" "optimizer" "train" "eval" "export" "extern")
  "Words only at the left margin.")
(defconst nn-mode-types
  '("dim" "string" "ints" "float" "int" "bool" "f16" "bf16" "f32" "f64" "i8" "i32" "i64" "u8"))

(defconst nn-mode-font-lock
  `((,(concat "^" (regexp-opt nn-mode-declarations t) "\\_>") 1 font-lock-keyword-face)
    ("\\(?:^\\s-+\\|[{;]\\s-*\\)\\(assert\\_>\\)\\s-*[^=,: \t]" 1 font-lock-keyword-face)
    ("\\(?:^\\s-+\\|[{;]\\s-*\\)\\(print\\)\\s-*(" 1 font-lock-keyword-face)
    ("\\_<fn\\s-+\\(\\w+\\)" 1 font-lock-function-name-face)
    ("\\_<layer\\s-+\\(\\w+\\)" 1 font-lock-type-face)
    (,(regexp-opt nn-mode-members 'symbols) . font-lock-keyword-face)
    (,(regexp-opt nn-mode-control 'symbols) . font-lock-keyword-face)
    (,(regexp-opt nn-mode-types 'symbols) . font-lock-type-face)
    (,(regexp-opt '("true" "false") 'symbols) . font-lock-constant-face)))

(defvar nn-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?# "<" table)
    (modify-syntax-entry ?\n ">" table)
    (modify-syntax-entry ?\" "\"" table)
    (modify-syntax-entry ?_ "w" table)
    table))

(defun nn-mode-columns ()
  "Where this line begins: four columns more than the line of its bracket."
  (save-excursion
    (beginning-of-line)
    (let ((open (nth 1 (syntax-ppss))))
      (skip-chars-forward " \t")
      (cond ((not open) 0)
            ((looking-at-p "[])}]") (save-excursion (goto-char open) (current-indentation)))
            (t (+ 4 (save-excursion (goto-char open) (current-indentation))))))))

(defun nn-mode-indent-line ()
  "Indent this line."
  (interactive)
  (let ((columns (nn-mode-columns)))
    (if (<= (current-column) (current-indentation))
        (indent-line-to columns)
      (save-excursion (indent-line-to columns)))))

;;;###autoload
(define-derived-mode nn-mode prog-mode "nn"
  "Programs that define neural networks, for nnc."
  (setq-local comment-start "# ")
  (setq-local comment-start-skip "#+\\s-*")
  (setq-local indent-tabs-mode nil)
  (setq-local indent-line-function #'nn-mode-indent-line)
  (setq-local font-lock-defaults '(nn-mode-font-lock))
  (when buffer-file-name
    (setq-local compile-command (concat "nnc check " (shell-quote-argument (file-name-nondirectory buffer-file-name))))))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.nn\\'" . nn-mode))

(with-eval-after-load 'compile
  (add-to-list 'compilation-error-regexp-alist '("^\\([^:\n]+\\.nn\\):\\([0-9]+\\):\\([0-9]+\\): \\(?:error\\|\\(warning\\)\\) " 1 2 3 (4))))

(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs '(nn-mode . ("nnc" "lsp"))))

(provide 'nn-mode)
;;; nn-mode.el ends here
